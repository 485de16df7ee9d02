//! Settings survive the round trip through a tag, and values that AWS refuses are refused.

use proptest::prelude::*;

use super::*;

/// Legal values of every setting.
fn legal() -> impl Strategy<Value = LabSettings> {
    let limit = |numbers: std::ops::RangeInclusive<u32>| {
        prop_oneof![
            Just(Limit(None)),
            numbers.prop_map(|number| Limit(Some(number)))
        ]
    };
    let billing = prop_oneof![
        Just(Billing::OnDemand),
        (1..=40_000_u32, 1..=40_000_u32)
            .prop_map(|(read, write)| Billing::Provisioned { read, write }),
    ];
    let arch = prop_oneof![
        Just(None),
        Just(Some(Architecture::X86_64)),
        Just(Some(Architecture::Arm64))
    ];
    let kept = prop_oneof![
        Just(Limit(None)),
        proptest::sample::select(&RETENTIONS[..]).prop_map(|days| Limit(Some(days)))
    ];
    let first = (
        0..=43_200_u32,
        1..=1000_u32,
        1..=10_000_u32,
        0..=300_u32,
        limit(2..=1000),
    );
    let rest = (128..=10_240_u32, 1..=900_u32, arch, billing, kept);
    (first, rest).prop_map(|(first, rest)| LabSettings {
        visibility_timeout: first.0,
        max_receives: first.1,
        batch_size: first.2,
        batch_window: first.3,
        max_concurrency: first.4,
        memory: rest.0,
        timeout: rest.1,
        arch: rest.2,
        billing: rest.3,
        log_retention: rest.4,
        function_endpoint: Some("http://server:4566".to_owned()),
    })
}

proptest! {
    #[test]
    fn settings_survive_as_a_tag(settings in legal()) {
        let text = settings.text();
        prop_assert_eq!(LabSettings::parse(&text), Ok(settings));
        prop_assert!(text.len() <= 256);
        let fits = |one: char| one.is_ascii_alphanumeric() || " +-=._:/@".contains(one);
        prop_assert!(text.chars().all(fits), "{}", text);
    }

    #[test]
    fn parsing_never_panics(text in ".{0,80}") {
        let _ = LabSettings::parse(&text);
    }
}

#[test]
fn the_default_settings_are_usual() {
    assert_eq!(LabSettings::default().text(), "usual");
    assert_eq!(LabSettings::parse(""), Ok(LabSettings::default()));
    assert_eq!(LabSettings::default().conflicts(), [""; 0]);
}

#[test]
fn only_non_default_settings_are_written() {
    let mut settings = LabSettings::default();
    for (name, value) in [
        ("max-receives", "5"),
        ("billing", "provisioned:7,9"),
        ("memory", "256"),
    ] {
        settings.set(name, value).expect("a legal value");
    }
    assert_eq!(settings.text(), "max-receives=5 billing=provisioned:7/9");
}

#[test]
fn refusals_name_the_legal_values() {
    let refused = [
        (
            "visibility-timeout",
            "43201",
            "43,201 is not between 0 and 43,200",
        ),
        ("max-receives", "0", "0 is not between 1 and 1,000"),
        ("batch-size", "10001", "10,001 is not between 1 and 10,000"),
        ("batch-window", "-1", "-1 is not between 0 and 300"),
        (
            "max-concurrency",
            "1",
            "give a number from 2 to 1,000, or none",
        ),
        ("memory", "127", "127 is not between 128 and 10,240"),
        ("timeout", "901", "901 is not between 1 and 900"),
        ("arch", "mips", "give x86_64 or arm64"),
    ];
    for (name, value, words) in refused {
        assert_eq!(
            LabSettings::default().set(name, value),
            Err(words.to_owned()),
            "{name}"
        );
    }
    for value in [
        "provisioned:0,5",
        "provisioned:5",
        "free",
        "provisioned:40001/1",
    ] {
        assert!(
            LabSettings::default().set("billing", value).is_err(),
            "{value}"
        );
    }
    assert!(LabSettings::default().set("log-retention", "2").is_err());
}

#[test]
fn conflicting_settings_are_named() {
    let mut settings = LabSettings {
        timeout: 31,
        batch_size: 11,
        ..LabSettings::default()
    };
    let conflicts = settings.conflicts();
    assert!(
        conflicts[0].contains("--timeout 31") && conflicts[0].contains("--visibility-timeout 30")
    );
    assert!(conflicts[1].contains("--batch-size 11") && conflicts[1].contains("--batch-window 1"));
    settings.batch_window = 1;
    settings.visibility_timeout = 31;
    assert_eq!(settings.conflicts(), [""; 0]);
}

#[test]
fn aws_recommendations_are_given() {
    let mut settings = LabSettings::default();
    let receives = settings.advice(&["memory", "max-receives"]);
    assert!(receives[0].contains("5 receives or more"), "{receives:?}");
    settings.batch_window = 1;
    let window = settings.advice(&["batch-window"]);
    assert!(window[0].contains("31 s"), "{window:?}");
    assert_eq!(receives.len() + window.len(), 2);
    assert_eq!(
        settings.advice(&["memory"]),
        [""; 0],
        "about other settings"
    );
    assert_eq!(settings.advice(&[]), [""; 0], "nothing was chosen");
}
