use proptest::prelude::*;

use super::*;
use crate::{Block, FIRST_NUMBER, Faults, LAST_NUMBER, parse};

fn plan(seed: u64, rate: f64, size: u64) -> Plan {
    let faults = Faults {
        rate,
        kinds: Fault::ALL.to_vec(),
    };
    Plan {
        seed,
        block: Block {
            first: FIRST_NUMBER,
            size,
        },
        faults,
    }
}

#[test]
fn numbers_are_unique_and_in_the_block() {
    let plan = plan(42, 0.1, 10_000_000);
    let mut seen = vec![0_u64; 10_000_000 / 64 + 1];
    for index in 0..2_000_000 {
        let offset = plan.number(index).unwrap() - FIRST_NUMBER;
        assert!(offset < 10_000_000);
        let (word, bit) = ((offset / 64) as usize, 1 << (offset % 64));
        assert_eq!(seen[word] & bit, 0, "index {index} repeats a number");
        seen[word] |= bit;
    }
}

/// Every platform and every later version must draw these values, because a recorded run is audited by
/// drawing it again.
#[test]
fn draws_are_stable() {
    let bodies: Vec<String> = (0..12)
        .map(|index| plan(2026, 0.5, 10_000_000).order(index).unwrap().body)
        .collect();
    assert_eq!(bodies.join("\n"), include_str!("golden.txt").trim_end());
}

#[test]
fn the_fault_rate_is_met() {
    for rate in [0.0, 0.1, 0.5, 1.0] {
        let plan = plan(3, rate, 10_000_000);
        let bad = (0..20_000)
            .filter(|index| plan.order(*index).unwrap().expected.is_err())
            .count();
        assert!(
            (bad as f64 / 20_000.0 - rate).abs() < 0.01,
            "{bad} of 20000 at {rate}"
        );
    }
}

#[test]
fn a_run_with_faults_has_a_bad_order() {
    let bad = |plan: &Plan, count: u64| (0..count).filter(|index| plan.is_bad(*index)).count();
    let mut raised = 0;
    for seed in 0..200 {
        for (rate, count) in [(0.1, 20), (1e-9, 1), (f64::MIN_POSITIVE, 3)] {
            let drawn = plan(seed, rate, 10_000_000);
            let sure = drawn.clone().with_a_bad_order(count);
            assert_eq!(sure.validate(), Ok(()));
            match bad(&drawn, count) {
                0 => assert_eq!(bad(&sure, count), 1, "seed {seed}, rate {rate}"),
                _ => assert_eq!(sure, drawn),
            }
            raised += usize::from(sure != drawn);
            let written = serde_json::to_string(&sure).expect("a plan has a JSON form");
            assert_eq!(
                serde_json::from_str::<Plan>(&written).expect("a plan"),
                sure
            );
            assert_eq!(sure.clone().with_a_bad_order(count), sure);
        }
    }
    assert!(raised > 400, "{raised}");
    let good = plan(1, 0.0, 10_000_000);
    assert_eq!(good.clone().with_a_bad_order(20), good);
}

#[test]
fn an_index_outside_the_block_has_no_order() {
    assert_eq!(plan(1, 0.1, 10).order(10), None);
    assert_eq!(plan(1, 0.1, 0).order(0), None);
}

proptest! {
    #[test]
    fn parse_finds_the_injected_fault(
        seed: u64,
        index in 0..10_000_000_u64,
        kind in prop::sample::select(Fault::ALL.to_vec()),
        is_bad: bool,
    ) {
        let mut plan = plan(seed, f64::from(u8::from(is_bad)), 10_000_000);
        plan.faults.kinds = vec![kind];
        let order = plan.order(index).unwrap();
        prop_assert!(!order.body.is_empty());
        prop_assert_eq!(order.expected.is_err(), is_bad);
        prop_assert_eq!(parse(order.body.as_bytes()).map_err(|defect| defect.reason), order.expected.clone());
        prop_assert_eq!(plan.order(index), Some(order));
    }

    #[test]
    fn numbers_permute_a_block_of_any_size(seed: u64, size in 1_u64..3000) {
        let plan = plan(seed, 0.0, size);
        let mut offsets: Vec<u64> =
            (0..size).map(|index| plan.number(index).unwrap() - FIRST_NUMBER).collect();
        offsets.sort_unstable();
        prop_assert_eq!(offsets, (0..size).collect::<Vec<_>>());
    }

    #[test]
    fn the_whole_range_can_be_one_block(seed: u64, index in 0..=LAST_NUMBER - FIRST_NUMBER) {
        let number = plan(seed, 0.0, LAST_NUMBER - FIRST_NUMBER + 1).number(index).unwrap();
        prop_assert!((FIRST_NUMBER..=LAST_NUMBER).contains(&number));
    }
}
