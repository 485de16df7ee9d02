use super::*;
use crate::ids::SeededIds;

fn severe() -> ChaosProfile {
    ChaosProfile::named("severe", 1).expect("a preset")
}

#[test]
fn nothing_happens_while_chaos_is_off() {
    let off = ChaosProfile::named("off", 1).expect("a preset");
    assert!(off.is_off());
    assert_eq!(
        off.draw_fault("sqs:SendMessage", &mut SeededIds(1)),
        InjectedFault::default()
    );
    assert!(ChaosProfile::named("fog", 1).is_none());
}

#[test]
fn the_same_seed_draws_the_same_faults() {
    let draw = |seed| {
        let mut draws = SeededIds(seed);
        (0..50)
            .map(|_| severe().draw_fault("sqs:SendMessage", &mut draws))
            .collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn likelihoods_and_spans_are_kept() {
    let mut draws = SeededIds(3);
    let drawn: Vec<_> = (0..10_000)
        .map(|_| severe().draw_fault("a:B", &mut draws))
        .collect();
    let throttled = drawn
        .iter()
        .filter(|one| one.outcome == FaultOutcome::Throttled)
        .count();
    assert!(
        (800..1200).contains(&throttled),
        "{throttled} of 10000 at 0.1"
    );
    assert!(drawn.iter().all(|one| (5..=80).contains(&one.latency)));
}

#[test]
fn settings_are_changed_one_by_one() {
    let mut chaos = ChaosProfile::named("off", 1).expect("a preset");
    chaos.set("role-delay=500ms..8s").expect("a setting");
    chaos.set("lambda:Create*.throttled=1").expect("a setting");
    chaos.set("repeated=0.5").expect("a setting");
    assert_eq!(chaos.name, "off (changed)");
    assert_eq!(
        chaos.delays.role,
        Span {
            least: 500,
            most: 8000
        }
    );
    let mut draws = SeededIds(1);
    let outcome = |action: &str, draws: &mut SeededIds| chaos.draw_fault(action, draws).outcome;
    assert_eq!(
        outcome("lambda:createfunction", &mut draws),
        FaultOutcome::Throttled
    );
    assert_eq!(
        outcome("lambda:GetFunction", &mut draws),
        FaultOutcome::Answered
    );
}

#[test]
fn what_was_stored_before_a_delay_was_known_has_none_of_it() {
    let mut stored = serde_json::to_value(severe()).expect("it has a JSON form");
    let delays = stored["delays"].as_object_mut().expect("an object");
    delays.remove("logs");
    let chaos: ChaosProfile = serde_json::from_value(stored).expect("it is a chaos");
    assert_eq!(chaos.delays.logs, Span::default());
    assert_eq!(chaos.delays.role, severe().delays.role);
}

#[test]
fn what_is_no_setting_is_refused() {
    let mut chaos = severe();
    for setting in [
        "",
        "wind=3",
        "repeated=2",
        "role-delay=3",
        "role-delay=9s..1s",
        "latency=2h",
    ] {
        let before = chaos.clone();
        assert!(chaos.set(setting).is_err(), "{setting}");
        assert_eq!(chaos, before, "{setting}");
    }
}
