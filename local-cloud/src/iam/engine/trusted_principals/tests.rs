use crate::clock::{LabMs, Now, WallMs};
use crate::iam::engine::{Iam, Loaded, NewRole};
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(1_700_000_000_000),
    lab: LabMs(0),
};

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"sts:AssumeRole","Condition":{{"ArnEquals":{{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/ann"}}}}}}}}"#
    )
}

fn create_role(iam: &mut Iam, name: &str, principal: &str) -> Result<(), String> {
    let new = NewRole {
        name,
        path: None,
        trust: &trust(principal),
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let created = iam.create_role(new, NOW, &mut SeededIds(7));
    created.map(drop).map_err(|error| error.message)
}

fn with_ann() -> Iam {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    iam.create_user("ann", None, &[], (NOW, &mut SeededIds(1)))
        .unwrap();
    iam
}

const ANN: &str = r#""arn:aws:iam::000000000000:user/ann""#;

#[test]
fn principals_of_this_account_must_exist() {
    let mut iam = with_ann();
    create_role(&mut iam, "by-ann", ANN).unwrap();
    create_role(
        &mut iam,
        "by-role",
        r#""arn:aws:iam::000000000000:role/by-ann""#,
    )
    .unwrap();
    create_role(
        &mut iam,
        "by-session",
        r#""arn:aws:sts::000000000000:assumed-role/by-ann/s""#,
    )
    .unwrap();
    create_role(
        &mut iam,
        "by-account",
        r#"["000000000000","arn:aws:iam::111111111111:user/x"]"#,
    )
    .unwrap();
    for unknown in [
        "arn:aws:iam::000000000000:user/bob",
        "arn:aws:iam::000000000000:user/x/ann",
        "arn:aws:iam::000000000000:role/ann",
        "arn:aws:sts::000000000000:assumed-role/none/s",
        "AIDAAAAAAAAAAAAAAAAAA",
    ] {
        let error = create_role(&mut iam, "wrong", &format!("{unknown:?}")).unwrap_err();
        assert_eq!(
            error,
            format!("Invalid principal in policy: \"AWS\":\"{unknown}\"")
        );
    }
}

#[test]
fn a_deleted_principal_is_kept_by_its_id() {
    let mut iam = with_ann();
    create_role(&mut iam, "r", &format!("[{ANN},\"000000000000\"]")).unwrap();
    let id = iam.user("ann").unwrap().id.clone();
    let (_, changes) = iam.delete_user("ann").unwrap();
    assert_eq!((changes.entries.len(), changes.updates.len()), (2, 2));
    iam.create_user("ann", None, &[], (NOW, &mut SeededIds(2)))
        .unwrap();
    let text = iam.role("r").unwrap().trust.text();
    assert!(
        text.contains(&format!("\"AWS\":[\"{id}\",\"000000000000\"]")),
        "{text}"
    );
    assert!(text.contains("user/ann"), "the condition stays as it is");
}

#[test]
fn a_renamed_principal_is_still_trusted() {
    let mut iam = with_ann();
    create_role(&mut iam, "r", ANN).unwrap();
    iam.update_user("ann", Some("eve"), Some("/x/")).unwrap();
    let text = iam.role("r").unwrap().trust.text();
    assert!(
        text.contains("\"AWS\":\"arn:aws:iam::000000000000:user/x/eve\""),
        "{text}"
    );
}

#[test]
fn a_deleted_role_leaves_its_sessions_untrusted() {
    let mut iam = with_ann();
    create_role(&mut iam, "first", ANN).unwrap();
    let session = r#""arn:aws:sts::000000000000:assumed-role/first/s""#;
    create_role(&mut iam, "r", session).unwrap();
    let id = iam.role("first").unwrap().id.clone();
    iam.delete_role("first").unwrap();
    let text = iam.role("r").unwrap().trust.text();
    assert!(text.contains(&format!("\"AWS\":\"{id}:s\"")), "{text}");
}
