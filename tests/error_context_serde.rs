//! What an error contains for a log, as JSON.

use std::time::Duration;

use opero::observe::ErrorContext;
use opero::observe::correlation::with_id;
use opero::opero;
use opero::time::ManualClock;
use serde_json::{Value, json};

#[test]
fn it_is_serialized_like_the_map() {
    let clock = ManualClock::new();
    let ask = || {
        opero! { fallback: model in ["large", "small"], name: "ask", clock: &clock => {
            clock.advance(Duration::from_millis(250));
            Err::<(), _>(format!("{model} is down"))
        } }
    };
    let context = ErrorContext::of(&with_id("req-\"42\"", ask).unwrap_err());
    let value = serde_json::to_value(&context).unwrap();
    assert_eq!(value, serde_json::to_value(context.to_map()).unwrap());

    let moment = |value: &Value| value["timestamp"].as_str().unwrap().to_owned();
    let (end, attempts) = (moment(&value), &value["attempts"]);
    assert_eq!(
        value,
        json!({
            "function": "ask",
            "correlation_id": "req-\"42\"",
            "timestamp": end,
            "total_duration": 0.5,
            "error.type": "all_failed",
            "error.message": "All 2 attempts failed for ask",
            "attempts": [
                {
                    "number": 1, "candidate": 0, "timestamp": moment(&attempts[0]), "duration": 0.25,
                    "error.type": "String", "error.message": "large is down",
                },
                {
                    "number": 2, "candidate": 1, "timestamp": moment(&attempts[1]), "duration": 0.25,
                    "error.type": "String", "error.message": "small is down",
                },
            ],
        })
    );
    // In an order for human readers: what failed comes first.
    let text = serde_json::to_string(&context).unwrap();
    assert!(text.starts_with(r#"{"function":"ask","correlation_id":"req-\"42\"","timestamp":""#), "{text}");
    assert!(text.contains(r#""attempts":[{"number":1,"candidate":0,"timestamp":""#), "{text}");
}

#[test]
fn the_info_of_a_use_is_serialized_by_its_names() {
    opero! { name: "written", retries: 2, backoff: 2.0 => Ok::<_, String>(()) }.unwrap();
    let info = opero::observe::info("written").unwrap();
    let json = serde_json::to_value(&info).unwrap();
    assert_eq!(json["options"], serde_json::json!({ "retries": "2", "backoff": "2" }));
    assert_eq!(json["layers"], serde_json::json!(["retry"]));
    assert_eq!((&json["counts"]["calls"], &json["macro"]), (&serde_json::json!(1), &serde_json::json!("opero!")));
    assert_eq!(json["latency"], serde_json::to_value(&info.latency).unwrap());
    assert_eq!(json["counts"], serde_json::to_value(info.counts).unwrap());
}
