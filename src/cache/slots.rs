//! What a macro use keeps between its calls: its entries, whose type a static cannot name.

use alloc::sync::{Arc, Weak};
use core::any::{Any, TypeId};
use core::fmt;
use core::ops::Deref;
use core::time::Duration;

use super::key::Fingerprint;
use super::stats::{Clear, Counters, Member};
use super::table::Table;
use crate::call::NameRef;
use crate::sync::OnceBox;
use crate::time::{AsyncDefault, BlockingDefault, Clock};

/// The namespace and the name of the entries of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'n> {
    pub(super) namespace: &'n str,
    pub(super) name: &'n str,
    /// Is one of them an option, which may differ in the next call?
    pub(super) are_given: bool,
}

/// The entries of one use, in one instance of the surrounding function.
pub(crate) struct Entries<V> {
    pub(super) table: Table<V>,
    member: Member,
    /// The tag of `namespace` in a `Fingerprint`.
    tag: u64,
    /// Can expiry be judged outside of a call? An async clock that is paused is assumed to be the system's: if an
    /// entry is swept too early, that is a miss.
    by_known_clock: bool,
}

impl<'n> Names<'n> {
    #[inline]
    pub(super) const fn new(namespace: NameRef<'n>, name: NameRef<'n>) -> Self {
        let are_given = matches!(namespace, NameRef::Given(_)) || matches!(name, NameRef::Given(_));
        Names { namespace: namespace.as_str(), name: name.as_str(), are_given }
    }
}

impl<V: Clone + Send + Sync + 'static> Entries<V> {
    fn new<C: Clock>(capacity: usize, Names { namespace, name, .. }: Names<'_>) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| {
            let member = Member::new(namespace, name, this.clone());
            Entries {
                table: Table::new(capacity, member.counters.clone()),
                member,
                tag: Fingerprint::namespace(namespace),
                by_known_clock: [TypeId::of::<BlockingDefault>(), TypeId::of::<AsyncDefault>()]
                    .contains(&typeid::of::<C>()),
            }
        })
    }
}

impl<V> Entries<V> {
    #[inline]
    pub(super) fn counters(&self) -> &Counters {
        &self.member.counters
    }

    /// Returns the fingerprint of an entry. Options `name` and `namespace` may differ from call to call; then they
    /// are part of it.
    #[inline]
    pub(super) fn fingerprint(&self, hash: u128, of: &Names<'_>) -> Fingerprint {
        if !of.are_given || of.name == self.member.name && of.namespace == self.member.namespace {
            return Fingerprint::with(hash, self.tag);
        }
        Fingerprint::new(&(hash, of.name), of.namespace)
    }
}

impl<V: Clone + Send + Sync> Clear for Entries<V> {
    fn clear(&self, namespace: Option<&str>) -> usize {
        self.table.clear(namespace.map(Fingerprint::namespace))
    }

    fn sweep(&self, now: Duration) -> usize {
        if self.by_known_clock { self.table.sweep(now) } else { 0 }
    }
}

/// A slot in a static for entries of any type, one for each instance of a generic function.
///
/// An instance is identified by the type of the body's closure. That type differs in each instance, even if the types
/// of the key and the value do not.
pub struct Slots(OnceBox<Slot>);

struct Slot {
    instance: TypeId,
    value: TypeId,
    entries: Arc<dyn Any + Send + Sync>,
    others: Slots,
}

impl Slot {
    #[cold]
    #[inline(never)]
    fn new<V: Clone + Send + Sync + 'static, C: Clock>(instance: TypeId, capacity: usize, names: Names<'_>) -> Self {
        let entries = Entries::<V>::new::<C>(capacity, names);
        Slot { instance, value: TypeId::of::<V>(), entries, others: Slots::new() }
    }

    /// Returns the entries, if they hold values of type `V`.
    #[inline]
    fn entries<V: 'static>(&self) -> Option<&Entries<V>> {
        if self.value != TypeId::of::<V>() {
            return None;
        }
        #[allow(unsafe_code, clippy::cast_ptr_alignment, reason = "a hit takes a tenth less time; it is an `Entries`")]
        // SAFETY: `entries` is an `Arc<Entries<V>>` for the `V` whose type `value` is: `new` makes both, and nothing
        // changes them. `downcast_ref` would call the object for its type, and a hit would wait for the result.
        Some(unsafe { &*core::ptr::from_ref(&*self.entries).cast::<Entries<V>>() })
    }
}

impl Slots {
    /// Creates empty slots, without allocating.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made by the macros only, in a static or beside a callable")]
    pub const fn new() -> Self {
        Slots(OnceBox::new())
    }

    /// Returns the entries of `instance`, and creates them on its first call. `C` is the clock of the calls. `None`
    /// if `V` is not the type that they were created with, which the macros rule out.
    #[inline]
    pub(super) fn entries<V: Clone + Send + Sync + 'static, C: Clock>(
        &self,
        instance: TypeId,
        capacity: usize,
        names: Names<'_>,
    ) -> Option<&Entries<V>> {
        self.slot::<V, C>(instance, capacity, names).entries()
    }

    /// Like `entries`, but owned.
    pub(super) fn shared_entries<V: Clone + Send + Sync + 'static, C: Clock>(
        &self,
        instance: TypeId,
        capacity: usize,
        names: Names<'_>,
    ) -> Option<Arc<Entries<V>>> {
        self.slot::<V, C>(instance, capacity, names).entries.clone().downcast().ok()
    }

    #[inline]
    fn slot<V: Clone + Send + Sync + 'static, C: Clock>(
        &self,
        instance: TypeId,
        capacity: usize,
        names: Names<'_>,
    ) -> &Slot {
        let mut slots = self;
        loop {
            let slot = slots.0.get_or_init(|| Slot::new::<V, C>(instance, capacity, names));
            if slot.instance == instance {
                return slot;
            }
            slots = &slot.others;
        }
    }
}

/// How a call holds its slots. It says what separates entries beside their key.
pub trait SlotsHandle: Deref<Target = Slots> {
    /// Returns the instance of a call with this body that gives a `V`.
    fn instance<V: 'static, Body>() -> TypeId;
}

/// A macro use: each instance of a generic function has its own entries, identified by its body.
impl SlotsHandle for &Slots {
    #[inline]
    fn instance<V: 'static, Body>() -> TypeId {
        typeid::of::<Body>()
    }
}

/// A call built by its methods: its clones share entries wherever they run; only values of different types are
/// separate.
impl SlotsHandle for Arc<Slots> {
    #[inline]
    fn instance<V: 'static, Body>() -> TypeId {
        TypeId::of::<V>()
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Lifespan;
    use super::super::stats;
    use super::*;
    use crate::time::ManualClock;

    const NAMES: Names<'_> = Names { namespace: "swept", name: "swept", are_given: false };

    /// Sweeps three entries made under a clock `C` (one long expired, one that will expire, one that never does) and
    /// says which remain.
    fn left_after_sweep<C: Clock>() -> [bool; 3] {
        let slots = Slots::new();
        let entries = slots.entries::<Arc<()>, C>(TypeId::of::<()>(), 10, NAMES).expect("the first of its type");
        let values =
            [Duration::ZERO, BlockingDefault::NEW.now() + Duration::from_secs(3600), Duration::MAX].map(|expires| {
                let value = Arc::new(());
                entries.table.insert(
                    entries.fingerprint(expires.as_nanos(), &NAMES),
                    value.clone(),
                    Lifespan::new(Duration::ZERO, Some(expires)),
                );
                value
            });
        stats::sweep();
        values.map(|value| Arc::strong_count(&value) > 1)
    }

    #[test]
    fn a_sweep_removes_entries_that_have_expired_by_the_system_clock() {
        assert_eq!(left_after_sweep::<BlockingDefault>(), [false, true, true]);
        assert_eq!(left_after_sweep::<AsyncDefault>(), [false, true, true]);
        assert_eq!(left_after_sweep::<ManualClock>(), [true; 3]);
        assert_eq!(left_after_sweep::<&ManualClock>(), [true; 3]);
    }
}
