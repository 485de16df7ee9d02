//! The dependency graph, which decides what work may begin. Pure.

use std::collections::BTreeSet;

/// Nodes by number, each with the nodes that must be finished before it.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    before: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// A graph from `(id, ids that come first)`. Ids that are not nodes are ignored.
    pub(crate) fn new(nodes: &[(String, Vec<String>)]) -> Self {
        let number = |id: &String| nodes.iter().position(|(name, _)| name == id);
        let before = nodes
            .iter()
            .map(|(_, first)| first.iter().filter_map(number).collect())
            .collect();
        Self { before }
    }

    /// The reversed graph, in which the nodes of `last` come after all others.
    #[must_use]
    pub(crate) fn reversed(&self, last: &BTreeSet<usize>) -> Self {
        let mut before = vec![BTreeSet::new(); self.before.len()];
        for (node, firsts) in self.before.iter().enumerate() {
            for &first in firsts {
                if let Some(set) = before.get_mut(first) {
                    set.insert(node);
                }
            }
        }
        let others: BTreeSet<usize> = (0..before.len())
            .filter(|node| !last.contains(node))
            .collect();
        for &node in last {
            if let Some(set) = before.get_mut(node) {
                set.extend(&others);
            }
        }
        Self { before }
    }

    /// The nodes that are not begun and whose predecessors are all done.
    pub(crate) fn ready(&self, begun: &BTreeSet<usize>, done: &BTreeSet<usize>) -> Vec<usize> {
        (0..self.before.len())
            .filter(|node| !begun.contains(node))
            .filter(|&node| {
                self.before
                    .get(node)
                    .is_some_and(|first| first.is_subset(done))
            })
            .collect()
    }

    /// Whether a direct predecessor of a node is in `set`.
    pub(crate) fn follows(&self, node: usize, set: &BTreeSet<usize>) -> bool {
        self.before
            .get(node)
            .is_some_and(|first| !first.is_disjoint(set))
    }

    /// The path through the graph that takes longest when node `n` takes `times[n]`, and how long it
    /// takes.
    pub(crate) fn longest_chain(&self, times: &[u64]) -> (Vec<usize>, u64) {
        let mut chains: Vec<Option<(Vec<usize>, u64)>> = vec![None; self.before.len()];
        let mut done = BTreeSet::new();
        loop {
            let ready = self.ready(&done, &done);
            if ready.is_empty() {
                break;
            }
            for node in ready {
                let first = self.before.get(node).into_iter().flatten();
                let longest = first
                    .filter_map(|&first| chains.get(first)?.clone())
                    .max_by_key(|(_, time)| *time);
                let (mut chain, time) = longest.unwrap_or_default();
                chain.push(node);
                let own = times.get(node).copied().unwrap_or_default();
                if let Some(slot) = chains.get_mut(node) {
                    *slot = Some((chain, time + own));
                }
                done.insert(node);
            }
        }
        chains
            .into_iter()
            .flatten()
            .max_by_key(|(_, time)| *time)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        let node = |id: &str, first: &[&str]| {
            (
                id.to_owned(),
                first.iter().map(|&id| id.to_owned()).collect(),
            )
        };
        Graph::new(&[
            node("a", &[]),
            node("b", &["a"]),
            node("c", &["a", "elsewhere"]),
        ])
    }

    #[test]
    fn predecessors_come_first() {
        let none = BTreeSet::new();
        assert_eq!(graph().ready(&none, &none), [0]);
        assert_eq!(graph().ready(&[0].into(), &[0].into()), [1, 2]);
        assert!(graph().follows(1, &[0].into()));
        assert!(!graph().follows(0, &[1].into()));
    }

    #[test]
    fn reversal_swaps_the_order() {
        let none = BTreeSet::new();
        let down = graph().reversed(&none);
        assert_eq!(down.ready(&none, &none), [1, 2]);
        assert_eq!(down.ready(&[1, 2].into(), &[1].into()), [0_usize; 0]);
    }

    #[test]
    fn last_nodes_wait_for_all_others() {
        let none = BTreeSet::new();
        let down = graph().reversed(&[1].into());
        assert_eq!(down.ready(&none, &none), [2]);
        assert_eq!(down.ready(&[2].into(), &[2].into()), [0_usize; 0]);
    }

    #[test]
    fn the_longest_chain_takes_longest() {
        assert_eq!(graph().longest_chain(&[5, 1, 2]), (vec![0, 2], 7));
        assert_eq!(Graph::new(&[]).longest_chain(&[]), (vec![], 0));
    }
}
