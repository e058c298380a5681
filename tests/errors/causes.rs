//! What caused an error.

use std::error::Error as _;
use std::fmt;
use std::io;

use anyhow::Context as _;
use opero::time::ManualClock;
use opero::{Error, opero};

use crate::texts::Overloaded;

/// The details of a call that failed once with this error, without the head.
fn details<E>(error: E, print: impl FnOnce(&Error<E>) -> String) -> String {
    let error = opero! { clock: ManualClock::new(), name: "ask" => Err::<(), _>(error) }.unwrap_err();
    print(&error).split_once("details:\n").unwrap().1.into()
}

/// An error with a cause.
#[derive(Debug)]
struct Fault<S>(&'static str, S);

impl<S> fmt::Display for Fault<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<S: std::error::Error + 'static> std::error::Error for Fault<S> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.1)
    }
}

fn deep() -> Fault<Fault<Overloaded>> {
    Fault("cannot ask", Fault("the connection is gone", Overloaded("no room\nin the queue")))
}

const CHAIN: &str = "cannot ask\n     caused by: the connection is gone\n     caused by: no room\n     in the queue";

#[test]
fn the_causes_of_an_error_in_a_box_follow_it() {
    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    let line = format!("  1. Box<dyn Error + Send + Sync>: {CHAIN}");
    assert_eq!(details(Boxed::from(deep()), |e| format!("{e:#}")), line);
    assert_eq!(details(Boxed::from(deep()), |e| format!("{e:?}")), line);
    assert_eq!(details(Boxed::from(deep()), |e| format!("{e}")), "  1. Box<dyn Error + Send + Sync>: cannot ask");
    let boxed = Box::<dyn std::error::Error>::from(deep());
    assert_eq!(details(boxed, |e| format!("{e:#}")), format!("  1. Box<dyn Error>: {CHAIN}"));
}

#[test]
fn a_report_has_the_causes_of_every_error() {
    let line = format!("  1. Fault<Fault<Overloaded>>: {CHAIN}");
    assert_eq!(details(deep(), |e| e.report().to_string()), line);
    assert_eq!(details(deep(), |e| format!("{e:#}")), "  1. Fault<Fault<Overloaded>>: cannot ask");
}

#[test]
fn a_cause_that_the_error_has_told_is_not_told_again() {
    let told = Fault("cannot ask: no room", Overloaded("no room"));
    assert_eq!(details(told, |e| e.report().to_string()), "  1. Fault<Overloaded>: cannot ask: no room");
    let part = Fault("cannot ask the rooms", Overloaded("room"));
    let text = "  1. Fault<Overloaded>: cannot ask the rooms\n     caused by: room";
    assert_eq!(details(part, |e| e.report().to_string()), text);
    let twice = Fault("cannot ask", Fault("down", Overloaded("down")));
    let text = "  1. Fault<Fault<Overloaded>>: cannot ask\n     caused by: down";
    assert_eq!(details(twice, |e| e.report().to_string()), text);
    let silent = Fault("cannot ask", Overloaded(""));
    assert_eq!(details(silent, |e| e.report().to_string()), "  1. Fault<Overloaded>: cannot ask");
}

#[test]
fn the_contexts_of_anyhow_are_told() {
    let error = || Err::<(), _>(Overloaded("no room")).context("cannot ask").context("cannot plan").unwrap_err();
    assert_eq!(details(error(), |e| format!("{e}")), "  1. Error: cannot plan");
    assert_eq!(details(error(), |e| format!("{e:#}")), "  1. Error: cannot plan: cannot ask: no room");
    assert_eq!(
        details(error(), |e| format!("{e:?}")).lines().take(5).collect::<Vec<_>>(),
        ["  1. Error: cannot plan", "", "     Caused by:", "         0: cannot ask", "         1: no room"]
    );
    let boxed: Box<dyn std::error::Error + Send + Sync> = error().into();
    let line = details(boxed, |e| format!("{e:#}"));
    let causes = "     caused by: cannot ask\n     caused by: no room";
    assert_eq!(line, format!("  1. Box<dyn Error + Send + Sync>: cannot plan\n{causes}"));
}

#[test]
fn a_circle_of_causes_has_an_end() {
    #[derive(Debug)]
    struct Circle(std::sync::atomic::AtomicU32);
    impl fmt::Display for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "round {}", self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        }
    }
    impl std::error::Error for Circle {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(self)
        }
    }
    let text = details(Circle(0.into()), |e| e.report().to_string());
    assert_eq!(text.matches("caused by").count(), 32);
}

#[test]
fn the_source_is_the_last_error_where_its_type_is_a_common_one() {
    fn error<E>(error: E) -> Error<E> {
        opero! { name: "ask" => Err::<(), _>(error) }.unwrap_err()
    }
    let io = error(io::Error::other("the disk is gone"));
    assert_eq!(
        io.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind),
        Some(io::ErrorKind::Other)
    );
    assert!(error("x".parse::<f64>().unwrap_err()).source().unwrap().is::<std::num::ParseFloatError>());
    let boxed = error(Box::<dyn std::error::Error>::from(deep()));
    let source = boxed.source().unwrap();
    assert_eq!((source.to_string(), format!("{source:?}")), ("cannot ask".into(), format!("{:?}", deep())));
    assert!(source.source().unwrap().is::<Fault<Overloaded>>());
    // By `anyhow`, as a program prints it at its end.
    let text = format!("{:?}", anyhow::Error::from(error(io::Error::other("the disk is gone"))));
    assert!(
        text.contains("  1. Error: the disk is gone") && text.contains("Caused by:\n    the disk is gone"),
        "{text}"
    );

    assert!(error("down").source().is_none());
    assert!(error(Overloaded("down")).source().is_none());
    let refused = opero! { backoff: f64::NAN => Err::<(), _>(io::Error::other("down")) }.unwrap_err();
    assert!(refused.is_configuration() && refused.source().is_none());
}
