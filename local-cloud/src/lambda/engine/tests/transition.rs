//! Transitions that take their time.

use super::{at, new, registry, reloaded, text, with_function};
use crate::clock::LabMs;
use crate::lambda::engine::{
    Changes, CodeUpdate, FunctionState, MappingSettings, MappingState, NewMapping, Registry,
    TransitionTimes,
};

const SLOW: TransitionTimes = TransitionTimes {
    function_ms: 2_000,
    mapping_ms: 3_000,
};

#[test]
fn functions_are_pending_until_they_are_due() {
    let mut registry = registry();
    let mut ids = crate::ids::SeededIds(1);
    registry.set_transition_times(SLOW);
    let (_, mut changes) = registry.create_function(new("f"), at(1), &mut ids).unwrap();
    let state = |registry: &Registry| registry.function("f").unwrap().state;
    assert_eq!(registry.functions_due(at(2)).count(), 0);
    assert_eq!(registry.next_transition(LabMs(0)), Some(at(3).lab));
    assert_eq!(registry.next_transition(at(3).lab), None);
    registry.settle_function("f", at(2), &mut ids).unwrap();
    assert_eq!(state(&registry), FunctionState::Pending);
    assert!(registry.invocable("f").is_err());
    let early = registry.update_code("f", CodeUpdate::default(), at(2), &mut ids);
    assert!(text(early).2.ends_with("Pending"));
    // A restart changes nothing.
    let later = reloaded(Changes::from(changes.stored.clone()));
    assert_eq!(later.next_transition(LabMs(0)), Some(at(3).lab));
    assert_eq!(registry.functions_due(at(3)).count(), 1);
    let settled = registry.settle_function("f", at(3), &mut ids);
    changes.stored.extend(settled.unwrap().1.stored);
    assert_eq!(state(&registry), FunctionState::Active);
    assert_eq!(reloaded(changes).next_transition(LabMs(0)), None);

    let update = registry.update_code("f", CodeUpdate::default(), at(4), &mut ids);
    assert_eq!(update.unwrap().0.state, FunctionState::Updating);
    registry.settle_function("f", at(5), &mut ids).unwrap();
    assert!(registry.invocable("f").is_ok());
    let busy = registry.update_code("f", CodeUpdate::default(), at(5), &mut ids);
    assert_eq!(text(busy).1, "ResourceConflictException");
    registry.settle_function("f", at(6), &mut ids).unwrap();
    assert_eq!(state(&registry), FunctionState::Active);
}

#[test]
fn mappings_poll_and_stop_when_they_are_due() {
    let (mut registry, mut ids) = with_function();
    registry.set_transition_times(SLOW);
    let new = NewMapping {
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
        visibility_timeout: Some(30),
        function: "f".to_owned(),
        ..NewMapping::default()
    };
    let (created, _) = registry.create_mapping(new, at(1), &mut ids).unwrap();
    let uuid = created.uuid.as_str();
    let state = |registry: &Registry| registry.mapping(uuid).map(|one| one.state);
    registry.settle_mappings(at(3)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Creating);
    assert_eq!(registry.mappings_to_poll(at(3)).count(), 0);
    assert_eq!(
        text(registry.delete_mapping(uuid, at(3))).1,
        "ResourceInUseException"
    );
    assert!(registry.has_mapping_due(at(4)));
    registry.settle_mappings(at(4)).unwrap();
    assert_eq!(registry.mappings_to_poll(at(4)).count(), 1);

    let set = |registry: &mut Registry, enabled, seconds| {
        let settings = MappingSettings {
            enabled,
            ..MappingSettings::default()
        };
        let updated = registry.update_mapping(uuid, None, &settings, Some(30), at(seconds));
        updated.unwrap().0.state
    };
    assert_eq!(set(&mut registry, None, 5), MappingState::Updating);
    assert!(registry.mapping(uuid).unwrap().is_polling());
    registry.settle_mappings(at(8)).unwrap();
    assert_eq!(set(&mut registry, Some(false), 9), MappingState::Disabling);
    assert_eq!(registry.mappings_to_poll(at(11)).count(), 0);
    registry.mapping_drained(uuid, at(11)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Disabling);
    assert_eq!(registry.mappings_to_poll(at(12)).count(), 1);
    registry.mapping_drained(uuid, at(12)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Disabled);
    assert_eq!(set(&mut registry, Some(true), 13), MappingState::Enabling);
    assert!(!registry.mapping(uuid).unwrap().is_polling());
    registry.settle_mappings(at(16)).unwrap();
    registry.delete_mapping(uuid, at(17)).unwrap();
    registry.mapping_drained(uuid, at(18)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Deleting);
    registry.mapping_drained(uuid, at(20)).unwrap();
    assert!(state(&registry).is_err());
    assert_eq!(registry.next_transition(LabMs(0)), None);
}
