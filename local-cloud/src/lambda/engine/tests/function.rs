//! Functions: names, states, limits.

use super::{at, function, new, registry, reloaded, text, with_function};
use crate::ids::SeededIds;
use crate::lambda::engine::{CodeUpdate, Configuration, FunctionState};

#[test]
fn functions_have_defaults_and_survive_a_reload() {
    let (mut registry, mut ids) = (registry(), SeededIds(1));
    let (created, changes) = registry.create_function(new("f"), at(0), &mut ids).unwrap();
    assert_eq!(
        created.arn,
        "arn:aws:lambda:us-east-1:000000000000:function:f"
    );
    assert_eq!(
        (
            created.timeout_seconds,
            created.memory_mb,
            created.storage_mb
        ),
        (3, 128, 512)
    );
    assert_eq!(
        (created.architecture.as_str(), created.log_json),
        ("x86_64", false)
    );
    assert_eq!(created.log_group, "/aws/lambda/f");
    assert_eq!(created.state, FunctionState::Pending);
    assert_eq!(reloaded(changes).function("f").unwrap(), &created);
    let again = text(registry.create_function(new("f"), at(1), &mut ids));
    let conflict = "ResourceConflictException".to_owned();
    assert_eq!(
        again,
        (409, conflict, "Function already exist: f".to_owned())
    );
}

#[test]
fn names_and_arns_name_the_same_function() {
    let (registry, _) = with_function();
    let names = [
        "f",
        "f:$LATEST",
        "function:f",
        "000000000000:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
    ];
    for name in names {
        assert_eq!(registry.function(name).unwrap().name, "f", "{name}");
    }
    let missing = [
        "g",
        "f:1",
        "111111111111:function:f",
        "arn:aws:lambda:eu-west-1:000000000000:function:f",
    ];
    for name in missing {
        let (status, code, message) = text(registry.function(name));
        assert_eq!(
            (status, code.as_str()),
            (404, "ResourceNotFoundException"),
            "{name}"
        );
        assert!(message.starts_with("Function not found: "), "{message}");
    }
    let long = "x".repeat(65);
    for name in ["", "a b", "a/b", "a:b:c", ":", "é", long.as_str()] {
        assert_eq!(
            text(registry.function(name)).1,
            "ValidationException",
            "{name}"
        );
    }
    let message = text(registry.function("g")).2;
    assert_eq!(
        message,
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g"
    );
}

#[test]
fn updates_exclude_each_other() {
    let (mut registry, mut ids) = (registry(), SeededIds(1));
    registry.create_function(new("f"), at(0), &mut ids).unwrap();
    let pending = text(registry.update_code("f", CodeUpdate::default(), at(1), &mut ids));
    assert_eq!(
        pending.2,
        "The operation cannot be performed at this time. The function is currently in the \
         following state: Pending"
    );
    assert_eq!(text(registry.invocable("f")).0, 409);
    registry.settle_function("f", at(0), &mut ids).unwrap();
    let before = function(&registry);
    let update = CodeUpdate {
        code_sha256: "other".to_owned(),
        revision_id: Some(before.revision_id.clone()),
        ..CodeUpdate::default()
    };
    let (after, _) = registry
        .update_code("f", update.clone(), at(2), &mut ids)
        .unwrap();
    assert_eq!(
        (after.state, after.modified),
        (FunctionState::Updating, at(2).wall)
    );
    assert_eq!(after.code_sha256, "other");
    assert_ne!(after.revision_id, before.revision_id);
    assert!(registry.invocable("f").is_ok());
    let busy = registry.update_configuration("f", Configuration::default(), None, at(3), &mut ids);
    assert_eq!(
        text(busy).2,
        format!(
            "The operation cannot be performed at this time. An update is in progress for \
             resource: {}",
            before.arn
        )
    );
    registry.settle_function("f", at(0), &mut ids).unwrap();
    assert_eq!(
        text(registry.update_code("f", update, at(4), &mut ids)).0,
        412
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let (mut registry, mut ids) = with_function();
    let before = function(&registry);
    let update = CodeUpdate {
        code_sha256: "other".to_owned(),
        dry_run: true,
        ..CodeUpdate::default()
    };
    let (answer, changes) = registry.update_code("f", update, at(1), &mut ids).unwrap();
    assert_eq!(answer.code_sha256, "other");
    assert!(changes.stored.is_empty());
    assert_eq!(function(&registry), before);
}

#[test]
fn invalid_configurations_change_nothing() {
    let (mut registry, mut ids) = with_function();
    let before = function(&registry);
    let environment = |name: &str, value: &str| Configuration {
        environment: Some([(name.to_owned(), value.to_owned())].into()),
        ..Configuration::default()
    };
    let number = |timeout, memory, storage| Configuration {
        timeout_seconds: timeout,
        memory_mb: memory,
        storage_mb: storage,
        ..Configuration::default()
    };
    let refused = [
        (number(Some(0), None, None), "greater than or equal to 1"),
        (number(Some(901), None, None), "less than or equal to 900"),
        (
            number(None, Some(127), None),
            "greater than or equal to 128",
        ),
        (
            number(None, None, Some(10_241)),
            "less than or equal to 10240",
        ),
        (environment("AWS_REGION", "x"), "reserved keys"),
        (environment("1A", "x"), "regular expression"),
        (environment("NUL", "\0"), "NUL"),
        (environment("BIG", &"x".repeat(4090)), "4KB limit"),
        (
            Configuration {
                runtime: Some("python3.13".to_owned()),
                ..Configuration::default()
            },
            "python3.13 is not supported",
        ),
        (
            Configuration {
                system_log_level: Some("INFO".to_owned()),
                ..Configuration::default()
            },
            "log format is JSON",
        ),
    ];
    for (wanted, words) in refused {
        let outcome = registry.update_configuration("f", wanted, None, at(1), &mut ids);
        let message = text(outcome).2;
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(function(&registry), before);
    let json = Configuration {
        log_format: Some("JSON".to_owned()),
        ..environment("BIG", &"x".repeat(4000))
    };
    let (after, _) = registry
        .update_configuration("f", json, None, at(1), &mut ids)
        .unwrap();
    assert!(after.log_json);
    assert_eq!(after.system_log_level.as_deref(), Some("INFO"));
}

#[test]
fn a_hundred_invocations_stay_unreserved() {
    let (mut registry, mut ids) = with_function();
    registry.create_function(new("g"), at(0), &mut ids).unwrap();
    registry
        .reserve_concurrency("f", Some(800), &mut ids)
        .unwrap();
    registry
        .reserve_concurrency("g", Some(100), &mut ids)
        .unwrap();
    assert_eq!(registry.unreserved_concurrency(), 100);
    let more = registry.reserve_concurrency("g", Some(101), &mut ids);
    assert!(text(more).2.ends_with("below its minimum value of [100]."));
    let most = registry.reserve_concurrency("g", Some(u32::MAX), &mut ids);
    assert_eq!(text(most).0, 400);
    registry.reserve_concurrency("f", None, &mut ids).unwrap();
    assert_eq!(registry.unreserved_concurrency(), 900);
}

#[test]
fn a_recreated_role_counts_after_another_arn() {
    let (mut registry, mut ids) = (registry(), SeededIds(1));
    let mut created = new("f");
    let own = created.configuration.role_arn.clone().unwrap();
    created.configuration.role_id = Some("AROA1".to_owned());
    registry.create_function(created, at(0), &mut ids).unwrap();
    let mut give = |arn: &str, id: &str| {
        registry.settle_function("f", at(1), &mut ids).unwrap();
        let wanted = Configuration {
            role_arn: Some(arn.to_owned()),
            role_id: Some(id.to_owned()),
            ..Configuration::default()
        };
        let given = registry.update_configuration("f", wanted, None, at(1), &mut ids);
        given.unwrap().0.role_id
    };
    assert_eq!(give(&own, "AROA2"), "AROA1");
    assert_eq!(give(&format!("{own}-other"), "AROA3"), "AROA3");
    assert_eq!(give(&own, "AROA2"), "AROA2");
}
