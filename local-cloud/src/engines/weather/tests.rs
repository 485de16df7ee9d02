use super::*;
use crate::ids::SeededIds;

fn storm() -> Weather {
    Weather::preset("storm", 1).expect("a preset")
}

#[test]
fn nothing_happens_in_calm_weather() {
    let calm = Weather::preset("calm", 1).expect("a preset");
    assert!(calm.is_calm());
    assert_eq!(
        calm.mishap("sqs:SendMessage", &mut SeededIds(1)),
        Mishap::default()
    );
    assert!(Weather::preset("fog", 1).is_none());
}

#[test]
fn the_same_seed_draws_the_same_weather() {
    let draw = |seed| {
        let mut draws = SeededIds(seed);
        (0..50)
            .map(|_| storm().mishap("sqs:SendMessage", &mut draws))
            .collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn likelihoods_and_spans_are_kept() {
    let mut draws = SeededIds(3);
    let drawn: Vec<_> = (0..10_000)
        .map(|_| storm().mishap("a:B", &mut draws))
        .collect();
    let throttled = drawn
        .iter()
        .filter(|one| one.fate == Fate::Throttled)
        .count();
    assert!(
        (800..1200).contains(&throttled),
        "{throttled} of 10000 at 0.1"
    );
    assert!(drawn.iter().all(|one| (5..=80).contains(&one.latency)));
}

#[test]
fn settings_are_changed_one_by_one() {
    let mut weather = Weather::preset("calm", 1).expect("a preset");
    weather.set("role-delay=500ms..8s").expect("a setting");
    weather
        .set("lambda:Create*.throttled=1")
        .expect("a setting");
    weather.set("repeated=0.5").expect("a setting");
    assert_eq!(weather.name, "calm (changed)");
    assert_eq!(
        weather.delays.role,
        Span {
            least: 500,
            most: 8000
        }
    );
    let mut draws = SeededIds(1);
    let fate = |action: &str, draws: &mut SeededIds| weather.mishap(action, draws).fate;
    assert_eq!(fate("lambda:createfunction", &mut draws), Fate::Throttled);
    assert_eq!(fate("lambda:GetFunction", &mut draws), Fate::Answered);
}

#[test]
fn what_was_stored_before_a_delay_was_known_has_none_of_it() {
    let mut stored = serde_json::to_value(storm()).expect("it has a JSON form");
    let delays = stored["delays"].as_object_mut().expect("an object");
    delays.remove("logs");
    let weather: Weather = serde_json::from_value(stored).expect("it is a weather");
    assert_eq!(weather.delays.logs, Span::default());
    assert_eq!(weather.delays.role, storm().delays.role);
}

#[test]
fn what_is_no_setting_is_refused() {
    let mut weather = storm();
    for setting in [
        "",
        "wind=3",
        "repeated=2",
        "role-delay=3",
        "role-delay=9s..1s",
        "latency=2h",
    ] {
        let before = weather.clone();
        assert!(weather.set(setting).is_err(), "{setting}");
        assert_eq!(weather, before, "{setting}");
    }
}
