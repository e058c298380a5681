//! The registry of tuned numbers, by the names of the uses.

use alloc::vec::Vec;
use core::num::NonZeroU32;

pub use self::error::TuneError;
pub use self::number::Number;
pub(crate) use self::numbers::Numbers;
use self::table::Table;
use self::tunable::Tunable;
use super::attention;
use super::site::Record;
use crate::sync::{Mutex, lock};

mod error;
mod number;
mod numbers;
mod table;
mod tunable;
mod uses;

pub use self::uses::{Uses, site};

static TABLE: Mutex<Table> = Mutex::new(Table::new());

/// Returns the last change of the numbers of this name, if any are tuned.
pub(crate) fn of(name: &str) -> Option<NonZeroU32> {
    lock(&TABLE).of(name)
}

/// Reads the numbers of a name as of a change.
pub(crate) fn look<R>(change: NonZeroU32, look: impl FnOnce(&Numbers) -> R) -> Option<R> {
    lock(&TABLE).after(change).map(look)
}

/// Changes a number of all uses of a name. `sites` are the uses that have run.
fn tune(name: &str, sites: &[&Record], option: &str, number: &Number) -> Result<(), TuneError> {
    let refused = |problem| TuneError::new(name, option, problem);
    let tunable = Tunable::named(option).map_err(refused)?;
    let value = tunable.value(number).map_err(refused)?;
    let mut table = lock(&TABLE);
    let numbers = table.get(name).with(tunable, value);
    numbers.suit(tunable, sites).map_err(refused)?;
    put(&mut table, name, numbers);
    Ok(())
}

/// Undoes a change. Returns false if there is none.
fn undo(name: &str, option: &str) -> bool {
    let Ok(tunable) = Tunable::named(option) else { return false };
    let mut table = lock(&TABLE);
    let numbers = table.get(name);
    let is_tuned = numbers.get(tunable).is_some();
    put(&mut table, name, numbers.without(tunable));
    is_tuned
}

/// Undoes all changes of the uses of a name.
fn reset(name: &str) {
    put(&mut lock(&TABLE), name, Numbers::default());
}

/// Stores the numbers of a name. A use that finds no numbers looks again after another change, and waits for the lock
/// then.
fn put(table: &mut Table, name: &str, numbers: Numbers) {
    if table.get(name) != numbers {
        table.put(name, numbers, attention::next_change());
        attention::changed();
    }
}

/// Returns the tuned options of a name with their numbers.
fn listed(name: &str) -> Vec<(&'static str, Number)> {
    lock(&TABLE).get(name).list()
}
