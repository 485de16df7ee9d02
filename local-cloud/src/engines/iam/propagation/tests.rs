use super::*;
use crate::clock::{Now, WallMs};
use crate::engines::iam::Loaded;
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(0),
    lab: LabMs(0),
};
const ARRIVAL: LabMs = LabMs(1000);

/// Runs a command whose change arrives at [`ARRIVAL`].
fn late<T>(
    iam: &mut Iam,
    stale: &mut Stale,
    command: impl FnOnce(&mut Iam) -> Result<(T, Vec<Change>), crate::error::AwsError>,
) -> T {
    let before = iam.clone();
    let (result, changes) = command(iam).unwrap();
    stale.note(&before, &changes, ARRIVAL, NOW.lab);
    result
}

fn with_user() -> (Iam, SeededIds, Stale) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    iam.create_user("Ann", None, &[], (NOW, &mut ids)).unwrap();
    (iam, ids, Stale::default())
}

#[test]
fn a_new_key_is_not_known_for_a_moment() {
    let (mut iam, mut ids, mut stale) = with_user();
    let make = |iam: &mut Iam| iam.create_access_key("Ann", NOW, &mut ids);
    let key = late(&mut iam, &mut stale, make);
    assert!(stale.key(&iam, &key.id, NOW.lab).is_none());
    let (user, found) = stale.key(&iam, &key.id, ARRIVAL).unwrap();
    assert_eq!((&*user.name, found), ("Ann", &key));
}

#[test]
fn a_key_works_on_for_a_moment_when_it_is_made_inactive_or_deleted() {
    let (mut iam, mut ids, _) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    for delete in [false, true] {
        let mut stale = Stale::default();
        let mut later = iam.clone();
        late(&mut later, &mut stale, |iam| match delete {
            true => iam.delete_access_key("Ann", &key.id),
            false => iam.update_access_key("Ann", &key.id, false),
        });
        assert!(stale.key(&later, &key.id, NOW.lab).is_some());
        assert!(stale.key(&later, &key.id, ARRIVAL).is_none());
    }
}

#[test]
fn a_user_has_its_old_name_for_a_moment() {
    let (mut iam, mut ids, mut stale) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    let rename = |iam: &mut Iam| iam.update_user("Ann", Some("Eve"), None);
    late(&mut iam, &mut stale, rename);
    assert_eq!(stale.key(&iam, &key.id, NOW.lab).unwrap().0.name, "Ann");
    assert_eq!(stale.key(&iam, &key.id, ARRIVAL).unwrap().0.name, "Eve");
    assert!(stale.user(&iam, "eve", NOW.lab).is_none());
    assert!(stale.user(&iam, "ann", ARRIVAL).is_none());
}
