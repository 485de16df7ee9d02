//! Which work may begin. Pure.

use std::collections::BTreeSet;

/// Nodes by number, and which must be finished before each.
#[derive(Debug, Clone)]
pub struct Graph {
    before: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// A graph from `(id, ids that come first)`; an id that is no node is no hindrance.
    pub fn new(nodes: &[(String, Vec<String>)]) -> Self {
        let number = |id: &String| nodes.iter().position(|(name, _)| name == id);
        let before = nodes
            .iter()
            .map(|(_, first)| first.iter().filter_map(number).collect())
            .collect();
        Self { before }
    }

    /// The same nodes, last first.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut before = vec![BTreeSet::new(); self.before.len()];
        for (node, firsts) in self.before.iter().enumerate() {
            for &first in firsts {
                if let Some(set) = before.get_mut(first) {
                    set.insert(node);
                }
            }
        }
        Self { before }
    }

    /// The nodes that are not yet begun and whose predecessors are all done.
    pub fn ready(&self, begun: &BTreeSet<usize>, done: &BTreeSet<usize>) -> Vec<usize> {
        (0..self.before.len())
            .filter(|node| !begun.contains(node))
            .filter(|&node| {
                self.before
                    .get(node)
                    .is_some_and(|first| first.is_subset(done))
            })
            .collect()
    }

    /// The direct predecessors of a node that are in `set`.
    pub fn blockers(&self, node: usize, set: &BTreeSet<usize>) -> Vec<usize> {
        self.before
            .get(node)
            .map(|first| first.intersection(set).copied().collect())
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
    fn work_begins_when_what_comes_first_is_done() {
        let none = BTreeSet::new();
        assert_eq!(graph().ready(&none, &none), [0]);
        assert_eq!(graph().ready(&[0].into(), &[0].into()), [1, 2]);
        assert_eq!(graph().blockers(1, &[0].into()), [0]);
    }

    #[test]
    fn removal_goes_the_other_way() {
        let none = BTreeSet::new();
        assert_eq!(graph().reversed().ready(&none, &none), [1, 2]);
        assert_eq!(
            graph().reversed().ready(&[1, 2].into(), &[1].into()),
            [0_usize; 0]
        );
    }
}
