//! The invariants of every map.

use std::collections::BTreeSet;
use std::fmt::Debug;

use opero::map::Summary;

use crate::case::Case;
use crate::maps::{Face, Mode};
use crate::runner::{Said, Told, read};

type Verdict = Result<(), String>;

/// Returns the message as an error unless the condition is true.
fn is(is_true: bool, wrong: impl FnOnce() -> String) -> Verdict {
    if is_true { Ok(()) } else { Err(wrong()) }
}

fn no_more(what: &str, there_are: usize, than: usize) -> Verdict {
    is(there_are <= than, || format!("{what}: {there_are}, and may be {than}"))
}

fn same<T: PartialEq + Debug + ?Sized>(what: &str, it_is: &T, not: &T) -> Verdict {
    is(it_is == not, || format!("{what}: {it_is:?}, and should be {not:?}"))
}

/// Checks a map that has returned.
pub(crate) fn check(case: &Case, told: &Told) -> Verdict {
    bodies(case, told)?;
    stops(case, told)?;
    ends(case, told)?;
    let said: Option<Vec<_>> = told.results.iter().map(read).collect();
    let said = said.ok_or_else(|| format!("a result that none of its bodies gives: {:?}", told.results))?;
    reasons(case, told, &said)?;
    results(case, told, &said)
}

/// Each item runs at most once, and no more items run at once than there are workers.
fn bodies(case: &Case, told: &Told) -> Verdict {
    let it = &told.happened;
    no_more("bodies at once", it.most_running, case.workers())?;
    same("items that are elsewhere than they are told", &it.misplaced, &0)?;
    let started: BTreeSet<_> = it.started.iter().collect();
    same("bodies that were started, each item once", &it.started.len(), &started.len())?;
    is(it.started.iter().all(|item| *item < it.pulled), || format!("{:?} were started of {}", it.started, it.pulled))?;
    if let (Some(chunk_size), Face::Each | Face::Stream) = (case.options.chunk_size, case.face) {
        // A stream counts a result as passed on when it returns it, the log when it has it. After a stop there is one
        // more item that carries the reason.
        let may_stop = case.options.max_failures.is_some() || case.options.deadline.is_some();
        let more = usize::from(case.face == Face::Stream) + usize::from(may_stop);
        no_more("items ahead of the consumer", it.most_ahead, case.workers() + chunk_size + more)?;
    }
    Ok(())
}

/// After a stop no body starts. Only the thread of an item knows when its failure has been counted. Other threads may
/// have admitted an item before that, at most one each.
fn stops(case: &Case, told: &Told) -> Verdict {
    let it = &told.happened;
    let others = if case.mode == Mode::Async { 0 } else { case.workers() - 1 };
    if let Some(most) = case.options.max_failures {
        no_more("failed bodies", it.failures, most - 1 + case.workers())?;
        if others == 0 {
            same("bodies that were started after the last failure that may be", &it.after_failures, &0)?;
        }
    }
    if case.mode == Mode::Async || (case.mode == Mode::Thread && others == 0) {
        same("bodies that started after the consumer had stopped the map, on its own thread", &it.after_break, &0)?;
    }
    no_more("bodies that were started after the deadline", it.after_deadline, others)
}

/// When the call returns, nothing runs. The call panics if its input has, unless the results were no longer consumed by
/// then.
fn ends(case: &Case, told: &Told) -> Verdict {
    let it = &told.happened;
    if !(told.is_broken_off && case.face == Face::Stream) {
        same("bodies that run when the call has returned", &it.running, &0)?;
    }
    let has_panicked = it.has_panicked && !told.is_broken_off;
    same("a panic of the input is that of the map", &told.panic.as_deref(), &has_panicked.then_some("dry"))?;
    if told.panic.is_none() {
        let counted = (case.face == Face::Each).then(|| Summary::of(&told.results));
        same("the summary", &told.summary, &counted)?;
    }
    Ok(())
}

/// An item lacks a result of its own only if there is a reason to stop. If an input was not pulled to its end, one
/// result carries the reason.
fn reasons(case: &Case, told: &Told, said: &[Said]) -> Verdict {
    let it = &told.happened;
    let has_failed = case.options.max_failures.is_some_and(|most| it.failures >= most);
    let is_over = case.options.deadline.is_some_and(|end| told.log.clock.elapsed() >= end);
    is(has_failed || !said.contains(&Said::Skipped), || "an item was skipped without a reason".to_owned())?;
    is(is_over || !said.contains(&Said::Timeout), || "an item was cut off before its time".to_owned())?;
    let is_whole = told.is_broken_off || it.has_panicked || it.pulled == case.items();
    let tells = said.contains(&Said::Skipped) || said.contains(&Said::Timeout);
    is(is_whole || tells, || format!("{} of {} items were pulled, and no result says why", it.pulled, case.items()))
}

/// Each item has one result, which is the result of its body if that has ended.
fn results(case: &Case, told: &Told, said: &[Said]) -> Verdict {
    let it = &told.happened;
    let expected = match case.face {
        Face::List if told.panic.is_some() => 0,
        Face::List => case.items(),
        _ if told.is_broken_off => case.taken.unwrap_or_default(),
        _ => it.pulled,
    };
    same("results", &said.len(), &expected)?;
    let own = said.iter().filter_map(|said| if let Said::Ended(item, end) = said { Some((*item, *end)) } else { None });
    let own: Vec<_> = own.collect();
    for (item, end) in &own {
        same(&format!("the result of item {item}"), end, &case.body(*item).end)?;
    }
    let of: BTreeSet<_> = own.iter().map(|(item, _)| *item).collect();
    same("results of bodies, one for each", &own.len(), &of.len())?;
    let ended: BTreeSet<_> = it.ended.iter().copied().collect();
    is(of.is_subset(&ended), || format!("results of {of:?}, and {ended:?} have ended"))?;
    if !told.is_broken_off && told.panic.as_ref().is_none_or(|_| case.face != Face::List) {
        same("the items that have the results of their bodies", &of, &ended)?;
    }
    if !case.options.unordered {
        for (place, said) in said.iter().enumerate() {
            is(!matches!(said, Said::Ended(item, _) if *item != place), || format!("at {place} there is {said:?}"))?;
        }
    }
    Ok(())
}

/// Long after a map has returned nothing more has happened, except for the items that the workers of a stream had when
/// it was dropped.
pub(crate) fn check_later(case: &Case, told: &Told) -> Verdict {
    let (then, now) = (told.happened.started.len(), told.log.happened().started.len());
    let in_hand = if case.face == Face::Stream && case.mode != Mode::Async { case.workers() } else { 0 };
    no_more("bodies that started after the map was stopped", now, then + in_hand)
}
