use proptest::prelude::*;

use super::*;

fn plan(rate: f64, kinds: Vec<Fault>, first: u64, size: u64) -> Plan {
    Plan {
        seed: 1,
        block: Block { first, size },
        faults: Faults { rate, kinds },
    }
}

#[test]
fn invalid_plans_are_refused() {
    assert_eq!(
        plan(0.0, vec![], FIRST_NUMBER, LAST_NUMBER - FIRST_NUMBER + 1).validate(),
        Ok(())
    );
    assert_eq!(
        plan(1.5, vec![Fault::PriceErr], FIRST_NUMBER, 1).validate(),
        Err(PlanError::Rate(1.5))
    );
    assert!(matches!(
        plan(f64::NAN, vec![], FIRST_NUMBER, 1).validate(),
        Err(PlanError::Rate(_))
    ));
    assert_eq!(
        plan(0.1, vec![], FIRST_NUMBER, 1).validate(),
        Err(PlanError::NoFaults(0.1))
    );
    for (first, size) in [
        (FIRST_NUMBER, 0),
        (1, 1),
        (LAST_NUMBER, 2),
        (FIRST_NUMBER, u64::MAX),
        (u64::MAX, 2),
    ] {
        assert_eq!(
            plan(0.0, vec![], first, size).validate(),
            Err(PlanError::Block { first, size })
        );
    }
}

#[test]
fn faults_have_one_name_everywhere() {
    for fault in Fault::ALL {
        assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        assert_eq!(fault.name().parse(), Ok(fault));
    }
    assert!("price".parse::<Fault>().is_err());
}

#[test]
fn the_last_free_block_is_found() {
    let all = Block {
        first: FIRST_NUMBER,
        size: LAST_NUMBER - FIRST_NUMBER + 1,
    };
    assert_eq!(Block::allocate(&[all], 20, 0), None);
    assert_eq!(Block::allocate(&[], u64::MAX, 0), None);
    let most = Block {
        size: 9_999 * BLOCK_UNIT,
        ..all
    };
    let last = Block {
        first: FIRST_NUMBER + 9_999 * BLOCK_UNIT,
        size: BLOCK_UNIT,
    };
    assert_eq!(Block::allocate(&[most], 20, 12345), Some(last));
    assert_eq!(Block::allocate(&[most], BLOCK_UNIT + 1, 0), None);
}

proptest! {
    #[test]
    fn plans_survive_json(rate in 0.0..=1.0_f64) {
        let plan = plan(rate, vec![Fault::PriceErr], FIRST_NUMBER, BLOCK_UNIT);
        let written = serde_json::to_string(&plan).expect("a plan has a JSON form");
        prop_assert_eq!(serde_json::from_str::<Plan>(&written).expect("a plan"), plan);
    }

    #[test]
    fn allocated_blocks_never_overlap(
        requests in prop::collection::vec((0_u64..50_000_000, any::<u64>()), 1..40),
    ) {
        let mut taken: Vec<Block> = Vec::new();
        for (count, random) in requests {
            let block = Block::allocate(&taken, count, random).expect("the range is wide");
            prop_assert!(block.size >= count);
            prop_assert_eq!(plan(0.0, vec![], block.first, block.size).validate(), Ok(()));
            prop_assert_eq!((block.first - FIRST_NUMBER) % BLOCK_UNIT, 0);
            let is_apart = |other: &Block| {
                block.first + block.size <= other.first || other.first + other.size <= block.first
            };
            prop_assert!(taken.iter().all(is_apart));
            taken.push(block);
        }
    }
}
