//! Mappings: what they ask of both ends, and their states.

use super::{at, reloaded, text, with_function};
use crate::lambda::engine::{
    Configuration, FilterCriteria, Mapping, MappingSettings, MappingState, NewMapping,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

fn new_mapping() -> NewMapping {
    NewMapping {
        queue_arn: QUEUE.to_owned(),
        visibility_timeout: Some(30),
        function: "f".to_owned(),
        ..NewMapping::default()
    }
}

fn enabled(enabled: bool) -> MappingSettings {
    MappingSettings {
        enabled: Some(enabled),
        ..MappingSettings::default()
    }
}

#[test]
fn a_mapping_is_created_disabled_and_deleted() {
    let (mut registry, mut ids) = with_function();
    let (created, changes) = registry
        .create_mapping(new_mapping(), at(1), &mut ids)
        .unwrap();
    assert_eq!(created.state, MappingState::Creating);
    assert_eq!(
        (
            created.batch_size,
            created.window_seconds,
            created.report_failures
        ),
        (10, 0, false)
    );
    assert_eq!(reloaded(changes).mapping(&created.uuid).unwrap(), &created);
    let uuid = created.uuid.as_str();
    let state = |registry: &super::Registry| registry.mapping(uuid).map(|one| one.state);
    let busy = text(registry.delete_mapping(uuid, at(1)));
    assert_eq!(busy.1, "ResourceInUseException");
    assert_eq!(
        busy.2,
        "Cannot delete the event source mapping because it is in use."
    );
    registry.settle_mappings(at(2)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Enabled);

    let off = registry.update_mapping(uuid, None, &enabled(false), Some(30), at(3));
    assert_eq!(off.unwrap().0.state, MappingState::Disabling);
    registry.settle_mappings(at(3)).unwrap();
    assert_eq!(
        state(&registry).unwrap(),
        MappingState::Disabling,
        "pollers still hold batches"
    );
    registry.mapping_drained(uuid, at(4)).unwrap();
    assert_eq!(state(&registry).unwrap(), MappingState::Disabled);

    let on = registry.update_mapping(uuid, None, &enabled(true), Some(30), at(5));
    assert_eq!(on.unwrap().0.state, MappingState::Enabling);
    registry.settle_mappings(at(6)).unwrap();
    let (gone, _) = registry.delete_mapping(uuid, at(7)).unwrap();
    assert_eq!((gone.state, gone.enabled), (MappingState::Deleting, false));
    registry.mapping_drained(uuid, at(8)).unwrap();
    assert_eq!(text(state(&registry)).0, 404);
}

#[test]
fn queue_and_function_must_exist_and_fit() {
    let (mut registry, mut ids) = with_function();
    let mut refused = |new: NewMapping| {
        let (status, code, message) = text(registry.create_mapping(new, at(1), &mut ids));
        assert_eq!(
            (status, code.as_str()),
            (400, "InvalidParameterValueException")
        );
        message
    };
    let message = refused(NewMapping {
        visibility_timeout: Some(2),
        ..new_mapping()
    });
    assert_eq!(
        message,
        "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds"
    );
    let message = refused(NewMapping {
        visibility_timeout: None,
        ..new_mapping()
    });
    assert!(
        message.contains("AWS.SimpleQueueService.NonExistentQueue"),
        "{message}"
    );
    let message = refused(NewMapping {
        function: "g".to_owned(),
        ..new_mapping()
    });
    assert_eq!(message, "Function does not exist");
    let message = refused(NewMapping {
        settings: MappingSettings {
            batch_size: Some(11),
            ..MappingSettings::default()
        },
        ..new_mapping()
    });
    assert!(message.starts_with("Maximum batch window in seconds must be greater than 0"));
}

#[test]
fn settings_have_ranges() {
    let (mut registry, mut ids) = with_function();
    let base = MappingSettings::default;
    let out_of_range = [
        MappingSettings {
            batch_size: Some(0),
            ..base()
        },
        MappingSettings {
            batch_size: Some(10_001),
            ..base()
        },
        MappingSettings {
            window_seconds: Some(301),
            ..base()
        },
        MappingSettings {
            maximum_concurrency: Some(Some(1)),
            ..base()
        },
        MappingSettings {
            maximum_concurrency: Some(Some(1001)),
            ..base()
        },
    ];
    for settings in out_of_range {
        let new = NewMapping {
            settings,
            ..new_mapping()
        };
        let outcome = registry.create_mapping(new, at(1), &mut ids);
        assert_eq!(text(outcome).1, "ValidationException");
    }
    assert_eq!(registry.mappings().count(), 0);
    let settings = MappingSettings {
        batch_size: Some(10_000),
        window_seconds: Some(1),
        report_failures: Some(true),
        maximum_concurrency: Some(Some(2)),
        filters: None,
        enabled: Some(false),
    };
    let new = NewMapping {
        settings,
        ..new_mapping()
    };
    let (created, _) = registry.create_mapping(new, at(1), &mut ids).unwrap();
    registry.settle_mappings(at(2)).unwrap();
    let mapping: &Mapping = registry.mapping(&created.uuid).unwrap();
    assert_eq!(mapping.state, MappingState::Disabled);
    let unlimited = MappingSettings {
        maximum_concurrency: Some(None),
        ..base()
    };
    let updated = registry.update_mapping(&created.uuid, None, &unlimited, None, at(3));
    assert_eq!(updated.unwrap().0.maximum_concurrency, None);
}

#[test]
fn queue_and_function_have_one_mapping() {
    let (mut registry, mut ids) = with_function();
    let (created, _) = registry
        .create_mapping(new_mapping(), at(1), &mut ids)
        .unwrap();
    let (status, _, message) = text(registry.create_mapping(new_mapping(), at(1), &mut ids));
    assert_eq!(status, 409);
    assert_eq!(
        message,
        format!(
            "An event source mapping with SQS arn (\" {QUEUE} \") and function (\" f \") already \
             exists. Please update or delete the existing mapping with UUID {}",
            created.uuid
        )
    );
}

#[test]
fn mappings_outlive_their_function() {
    let (mut registry, mut ids) = with_function();
    let (created, _) = registry
        .create_mapping(new_mapping(), at(1), &mut ids)
        .unwrap();
    registry.settle_mappings(at(1)).unwrap();
    registry.delete_function("f").unwrap();
    assert!(registry.mapping(&created.uuid).unwrap().enabled);
    let off = registry.update_mapping(&created.uuid, None, &enabled(false), None, at(2));
    assert!(off.is_ok());
    registry.mapping_drained(&created.uuid, at(3)).unwrap();
    assert!(registry.delete_mapping(&created.uuid, at(4)).is_ok());
}

#[test]
fn longer_timeouts_count_at_the_next_update() {
    let (mut registry, mut ids) = with_function();
    let (created, _) = registry
        .create_mapping(new_mapping(), at(1), &mut ids)
        .unwrap();
    registry.settle_mappings(at(1)).unwrap();
    let longer = Configuration {
        timeout_seconds: Some(60),
        ..Configuration::default()
    };
    registry
        .update_configuration("f", longer, None, at(2), &mut ids)
        .unwrap();
    let settings = MappingSettings {
        batch_size: Some(5),
        ..MappingSettings::default()
    };
    let outcome = registry.update_mapping(&created.uuid, None, &settings, Some(30), at(3));
    assert!(
        text(outcome)
            .2
            .contains("30 seconds is less than Function timeout: 60 seconds")
    );
    assert_eq!(registry.mapping(&created.uuid).unwrap().batch_size, 10);
}

#[test]
fn filters_stay_until_they_are_replaced() {
    let (mut registry, mut ids) = with_function();
    let filters = |patterns: &[&str]| {
        let patterns = patterns.iter().map(|one| (*one).to_owned()).collect();
        MappingSettings {
            filters: Some(FilterCriteria::parse(patterns).unwrap()),
            ..MappingSettings::default()
        }
    };
    let new = NewMapping {
        settings: filters(&[r#"{"body":["x"]}"#]),
        ..new_mapping()
    };
    let (created, changes) = registry.create_mapping(new, at(1), &mut ids).unwrap();
    assert_eq!(reloaded(changes).mapping(&created.uuid).unwrap(), &created);
    let mut update = |settings: &MappingSettings| {
        registry.settle_mappings(at(2)).unwrap();
        let updated = registry.update_mapping(&created.uuid, None, settings, Some(30), at(3));
        let filters = updated.unwrap().0.filters;
        filters
            .patterns()
            .map(ToOwned::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(update(&enabled(true)), [r#"{"body":["x"]}"#]);
    let two = [r#"{"body":["y"]}"#, r#"{"body":["z"]}"#];
    assert_eq!(update(&filters(&two)), two);
    assert!(update(&filters(&[])).is_empty());
}
