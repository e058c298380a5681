//! Mode `process` in a program with its own `main`. The cases start the program again in other roles.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, abort, exit};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use opero::map::{Map, pool};
use opero::{Error, opmap};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use watchdog::watched;

#[path = "support/watchdog.rs"]
mod watchdog;

const ROLE: &str = "OPERO_TEST_ROLE";

fn main() {
    let role = env::var(ROLE).unwrap_or_default();
    if role != "forgetful" {
        opero::process::init();
    }
    match role.as_str() {
        "" => cases(),
        "forgetful" => forgetful(),
        "parent" => parent(),
        "replaced" => replaced(),
        "printer" => printer(),
        "renamed" => println!("{:?}", opmap! { n in 0..3_u64, mode: process => Ok::<_, String>(n) }),
        "leaving" => leaving(),
        other => panic!("{other}"),
    }
}

fn cases() {
    // A filter, like those of test harnesses.
    let filter: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let cases: [(&str, fn()); 9] = [
        ("a_program_without_init_gets_a_configuration_error", a_program_without_init_gets_a_configuration_error),
        ("children_end_with_their_parent", children_end_with_their_parent),
        ("a_program_can_be_replaced_while_it_runs", a_program_can_be_replaced_while_it_runs),
        ("a_program_can_be_renamed", a_program_can_be_renamed),
        ("children_print_whole_lines", children_print_whole_lines),
        ("the_output_of_a_child_is_printed_before_the_end", the_output_of_a_child_is_printed_before_the_end),
        ("no_child_is_left_running", no_child_is_left_running),
        ("children_are_kept_between_maps", children_are_kept_between_maps),
        ("a_child_has_the_arguments_of_the_program", a_child_has_the_arguments_of_the_program),
    ];
    // A test runner may ask for the names first.
    if env::args().any(|argument| argument == "--list") {
        if !env::args().any(|argument| argument == "--ignored") {
            for (name, _) in cases {
                println!("{name}: test");
            }
        }
        return;
    }
    for (name, case) in cases {
        if filter.is_empty() || filter.iter().any(|filter| name.contains(filter.as_str())) {
            watched(name, case);
            println!("test {name} ... ok");
        }
    }
}

/// This program in another role.
fn started(program: &Path, role: &str) -> Command {
    let mut command = Command::new(program);
    command.env(ROLE, role);
    command
}

fn here() -> PathBuf {
    env::current_exe().unwrap()
}

fn output(program: &Path, role: &str) -> String {
    let output = started(program, role).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{role}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until the condition is true.
fn eventually(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "{what} within {limit:?}");
        sleep(Duration::from_millis(5));
    }
}

fn forgetful() {
    let results = opmap! { n in 0..3_u64, mode: process => Ok::<_, String>(n) };
    for result in results {
        let Err(Error::Configuration(configuration)) = result else { panic!("{result:?}") };
        println!("{configuration}");
    }
}

fn a_program_without_init_gets_a_configuration_error() {
    let text = output(&here(), "forgetful");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.lines().all(|line| line.contains("opero::process::init()") && line.contains("first line of `main`")),
        "{text}"
    );
}

/// Prints the ids of its children, which hang, and hangs.
fn parent() {
    opmap! { n in 0..3_u64, mode: process, workers: 3 => {
        println!("child {}", std::process::id());
        if n > 0 {
            // One of them in the body of a map that hangs as well.
            loop {
                std::hint::spin_loop();
            }
        }
        loop {
            sleep(Duration::from_secs(1));
        }
        #[allow(unreachable_code, reason = "it says the type of the result")]
        Ok::<_, String>(n)
    } };
}

fn pids(child: &mut Child, count: usize) -> Vec<Pid> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid = |line: String| Pid::from_raw(line.strip_prefix("child ").unwrap().parse().unwrap()).unwrap();
    lines.take(count).map(|line| pid(line.unwrap())).collect()
}

fn children_end_with_their_parent() {
    for signal in [Signal::KILL, Signal::TERM, Signal::ABORT] {
        let mut parent = started(&here(), "parent").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let children = pids(&mut parent, 3);
        assert!(children.iter().all(|pid| test_kill_process(*pid).is_ok()));
        kill_process(Pid::from_child(&parent), signal).unwrap();
        parent.wait().unwrap();
        let is_there = |pid: &Pid| match fs::read_to_string(format!("/proc/{pid}/stat")) {
            // A process that has ended and was not waited for yet is not an orphan.
            Ok(stat) => !stat.rsplit(") ").next().is_some_and(|state| state.starts_with('Z')),
            Err(_) => cfg!(not(target_os = "linux")) && test_kill_process(*pid).is_ok(),
        };
        eventually("children end with their parent", Duration::from_secs(1), || !children.iter().any(is_there));
    }
}

fn copy(name: &str) -> (PathBuf, PathBuf) {
    let directory = env::temp_dir().join(format!("opero-{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let program = directory.join("program");
    fs::copy(here(), &program).unwrap();
    (directory, program)
}

fn replaced() {
    let squares = || opmap! { n in 0..4_u64, mode: process => Ok::<_, String>(n * n) };
    println!("{:?}", squares());
    // Its children are gone, and so is its file.
    pool::shutdown();
    let own = env::current_exe().unwrap();
    fs::rename(&own, own.with_extension("old")).unwrap();
    fs::write(&own, "#!/bin/sh\nexit 7\n").unwrap();
    println!("{:?}", squares());
    pool::shutdown();
    fs::remove_file(own.with_extension("old")).unwrap();
    println!("{:?}", squares());
}

fn a_program_can_be_replaced_while_it_runs() {
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let (directory, program) = copy("replaced");
    let text = output(&program, "replaced");
    assert_eq!(text, "[Ok(0), Ok(1), Ok(4), Ok(9)]\n".repeat(3));
    fs::remove_dir_all(directory).unwrap();
}

fn a_program_can_be_renamed() {
    let (directory, program) = copy("renamed");
    let other = program.with_file_name("a name with spaces");
    fs::rename(program, &other).unwrap();
    assert_eq!(output(&other, "renamed"), "[Ok(0), Ok(1), Ok(2)]\n");
    fs::remove_dir_all(directory).unwrap();
}

fn printer() {
    let results = opmap! { n in 0..40_u64, mode: process, workers: 4 => {
        for line in 0..25 {
            // In pieces, like `eprintln!` writes them.
            for piece in [format!("item {n} "), format!("line {line} "), "x".repeat(100), "\n".to_owned()] {
                eprint!("{piece}");
                print!("{piece}");
            }
        }
        if n == 7 {
            print!("last words");
            std::io::stdout().flush().unwrap();
            abort();
        }
        Ok::<_, String>(n)
    } };
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 39);
}

fn children_print_whole_lines() {
    let output = started(&here(), "printer").output().unwrap();
    assert!(output.status.success());
    for (text, more) in [(output.stdout, 1), (output.stderr, 0)] {
        let text = String::from_utf8(text).unwrap();
        let whole = |line: &&str| {
            line.starts_with("item ") && line.ends_with(&"x".repeat(100)) && line.matches("item").count() == 1
        };
        assert_eq!(text.lines().filter(whole).count(), 1000, "{text}");
        assert_eq!(text.lines().filter(|line| *line == "last words").count(), more);
    }
}

/// Ends right after its map.
fn leaving() {
    let results = opmap! { n in 0..100_u64, mode: process => {
        println!("item {n}");
        Ok::<_, String>(n)
    } };
    assert_eq!(results.len(), 100);
    exit(0);
}

fn the_output_of_a_child_is_printed_before_the_end() {
    let text = output(&here(), "leaving");
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 100, "{text}");
}

fn descriptors() -> usize {
    fs::read_dir(if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" }).unwrap().count()
}

#[cfg(target_os = "linux")]
fn has_children() -> bool {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let children = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    tasks.map(|task| children(task.unwrap())).any(|children| !children.trim().is_empty())
}

#[cfg(not(target_os = "linux"))]
fn has_children() -> bool {
    false
}

fn no_child_is_left_running() {
    let map = || {
        let results = opmap! { n in 0..60_u64, mode: process, timeout: 200ms => {
            match n % 20 {
                3 => abort(),
                5 => exit(0),
                7 => loop { std::hint::spin_loop(); },
                _ => {}
            }
            Ok::<_, String>(n)
        } };
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 9);
        pool::shutdown();
    };
    map();
    let before = descriptors();
    for _ in 0..3 {
        map();
    }
    assert_eq!(descriptors(), before);
    assert!(!has_children());
}

fn children_are_kept_between_maps() {
    let map = || {
        let results = Map::new("pids").workers(1).process(0..20_u64, |n, _, children| {
            opero::Call::new("pid").run(|_| children.run(|_| Ok::<_, String>(std::process::id()), &n))
        });
        results.into_iter().map(Result::unwrap).collect::<Vec<_>>()
    };
    let (first, second) = (map(), map());
    assert!(first.iter().chain(&second).all(|pid| *pid == first[0]));
    pool::shutdown();
    assert_ne!(map()[0], first[0]);
}

fn a_child_has_the_arguments_of_the_program() {
    let own: Vec<String> = env::args().collect();
    let results = opmap! { _n in 0..1_u64, mode: process => Ok::<_, String>(env::args().collect::<Vec<_>>()) };
    assert_eq!(results, [Ok(own)]);
    let mut rest = String::new();
    let _ = std::io::empty().read_to_string(&mut rest);
}
