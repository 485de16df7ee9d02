//! What AWS delivers late. A change is there at once, and some readers go on seeing what was before
//! it, until the change has arrived everywhere.

use std::collections::BTreeMap;

use crate::clock::LabMs;

/// Earlier values by key, each with the moment until which some readers see it. Kept in memory
/// alone: after a restart everybody sees what is.
#[derive(Debug)]
pub struct Lagging<K, V> {
    earlier: BTreeMap<K, Earlier<V>>,
}

#[derive(Debug)]
struct Earlier<V> {
    value: V,
    until: LabMs,
}

impl<K, V> Default for Lagging<K, V> {
    fn default() -> Self {
        Self {
            earlier: BTreeMap::new(),
        }
    }
}

impl<K: Ord, V> Lagging<K, V> {
    /// Records that `key` has changed and was `value` before; the change takes `delay_ms`
    /// milliseconds of lab time to arrive. Of several changes on their way, readers see what was
    /// before the first until the last has arrived.
    pub fn record(&mut self, key: K, value: V, delay_ms: u64, now: LabMs) {
        self.forget_arrived(now);
        if delay_ms == 0 {
            return;
        }
        let until = now.plus_ms(delay_ms);
        let earlier = self.earlier.entry(key).or_insert(Earlier { value, until });
        earlier.until = earlier.until.max(until);
    }

    /// The value that readers go on seeing for `delay_ms` milliseconds of lab time from when it was
    /// first held: `value`, or the one that is held already. For counts, which are taken now and
    /// then and not told at each change.
    pub fn hold(&mut self, key: K, value: V, delay_ms: u64, now: LabMs) -> &V {
        self.forget_arrived(now);
        let until = now.plus_ms(delay_ms);
        let earlier = self.earlier.entry(key);
        &earlier.or_insert(Earlier { value, until }).value
    }

    /// What `key` was before a change that has not arrived yet.
    pub fn get(&self, key: &K, now: LabMs) -> Option<&V> {
        let earlier = self.earlier.get(key)?;
        (now < earlier.until).then_some(&earlier.value)
    }

    /// Whether every change has arrived.
    pub fn is_empty(&mut self, now: LabMs) -> bool {
        self.forget_arrived(now);
        self.earlier.is_empty()
    }

    /// Forgets what `key` was: from now on everybody sees what is.
    pub fn forget(&mut self, key: &K) {
        self.earlier.remove(key);
    }

    /// The keys that one reader sees as they were, with their earlier values. `is_behind` tells for
    /// each whether this reader comes to a machine that the change has not reached.
    pub fn stale_for(
        &mut self,
        now: LabMs,
        mut is_behind: impl FnMut() -> bool,
    ) -> impl Iterator<Item = (&K, &V)> {
        self.forget_arrived(now);
        let stale = self.earlier.iter().filter(move |_| is_behind());
        stale.map(|(key, earlier)| (key, &earlier.value))
    }

    fn forget_arrived(&mut self, now: LabMs) {
        self.earlier.retain(|_, earlier| now < earlier.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: LabMs = LabMs(100);

    fn seen(lagging: &mut Lagging<u8, &'static str>, now: u64) -> Vec<(u8, &'static str)> {
        let stale = lagging.stale_for(LabMs(now), || true);
        stale.map(|(key, value)| (*key, *value)).collect()
    }

    #[test]
    fn earlier_values_are_seen_until_the_change_arrives() {
        let mut lagging = Lagging::default();
        lagging.record(1, "old", 50, NOW);
        assert_eq!(lagging.get(&1, LabMs(149)), Some(&"old"));
        assert_eq!(seen(&mut lagging, 149), [(1, "old")]);
        assert!(!lagging.is_empty(LabMs(149)));
        assert_eq!(lagging.get(&1, LabMs(150)), None);
        assert!(lagging.is_empty(LabMs(150)));
        assert_eq!(seen(&mut lagging, 150), []);
    }

    #[test]
    fn changes_without_a_delay_are_seen_at_once() {
        let mut lagging = Lagging::default();
        lagging.record(1, "old", 0, NOW);
        assert_eq!(seen(&mut lagging, 100), []);
    }

    #[test]
    fn the_first_value_is_seen_until_the_last_change_arrives() {
        let mut lagging = Lagging::default();
        lagging.record(1, "first", 50, NOW);
        lagging.record(1, "second", 50, LabMs(130));
        assert_eq!(seen(&mut lagging, 179), [(1, "first")]);
        assert_eq!(seen(&mut lagging, 180), []);
    }

    #[test]
    fn held_values_are_not_renewed() {
        let mut lagging = Lagging::default();
        assert_eq!(lagging.hold(1, "one", 50, NOW), &"one");
        assert_eq!(lagging.hold(1, "two", 50, LabMs(149)), &"one");
        assert_eq!(lagging.hold(1, "three", 50, LabMs(150)), &"three");
    }

    #[test]
    fn a_reader_is_behind_for_some_keys_and_not_for_others() {
        let mut lagging = Lagging::default();
        lagging.record(1, "a", 50, NOW);
        lagging.record(2, "b", 50, NOW);
        let mut behind = [false, true].into_iter();
        let stale = lagging.stale_for(NOW, || behind.next().unwrap_or(false));
        assert_eq!(stale.collect::<Vec<_>>(), [(&2, &"b")]);
    }
}
