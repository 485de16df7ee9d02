//! The tagging API's index: it hears of changes later than whoever makes them, so for a while it
//! lists what is deleted and does not list what is new. Kept in memory alone: a restart finds it
//! up to date.

use std::collections::BTreeMap;

use super::Tagged;
use crate::clock::LabMs;

/// The resources of which not all of the index is up to date, by their ARNs.
#[derive(Debug, Default)]
pub struct Index {
    earlier: BTreeMap<String, Earlier>,
}

#[derive(Debug)]
struct Earlier {
    until: LabMs,
    /// `None` for what is new.
    was: Option<Tagged>,
}

impl Index {
    /// What differs between the two lists of all resources is listed as it was `before`, until
    /// then.
    pub fn note(&mut self, before: Vec<Tagged>, after: Vec<Tagged>, until: LabMs, now: LabMs) {
        self.earlier.retain(|_, earlier| now < earlier.until);
        let mut before = by_arn(before);
        for (arn, is) in by_arn(after) {
            match before.remove(&arn) {
                Some(was) if was == is => {}
                was => self.keep(arn, was, until),
            }
        }
        for (arn, was) in before {
            self.keep(arn, Some(was), until);
        }
    }

    fn keep(&mut self, arn: String, was: Option<Tagged>, until: LabMs) {
        let earlier = self.earlier.entry(arn);
        let earlier = earlier.or_insert(Earlier { until, was });
        earlier.until = earlier.until.max(until);
    }

    /// All resources as a request is told them; `behind` says of each that has changed whether it
    /// is told as it was.
    pub fn told(
        &self,
        mut all: Vec<Tagged>,
        now: LabMs,
        mut behind: impl FnMut() -> bool,
    ) -> Vec<Tagged> {
        let late = self.earlier.iter();
        for (arn, earlier) in late.filter(|(_, earlier)| now < earlier.until) {
            if behind() {
                all.retain(|resource| resource.arn != *arn);
                all.extend(earlier.was.clone());
            }
        }
        all
    }
}

fn by_arn(all: Vec<Tagged>) -> BTreeMap<String, Tagged> {
    let keyed = all.into_iter().map(|one| (one.arn.clone(), one));
    keyed.collect()
}

#[cfg(test)]
mod tests;
