use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use super::*;

/// A state directory with a cloud, below a directory of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().expect("a directory"),
        };
        fs::create_dir_all(place.path("above/home/cloud")).expect("created");
        for file in ["owner.json", "state.db", "settings.json"] {
            place.write(&format!("above/home/cloud/{file}"));
        }
        // Whatever the umask is.
        for path in ["above", "above/home", "above/home/cloud"] {
            place.set_mode(path, 0o700);
        }
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str) {
        fs::write(self.path(path), "{}").expect("written");
        self.set_mode(path, 0o600);
    }

    fn set_mode(&self, path: &str, mode: u32) {
        let permissions = Permissions::from_mode(mode);
        fs::set_permissions(self.path(path), permissions).expect("permitted");
    }

    fn check(&self, root: &str) -> Result<(), CommandError> {
        let root = self.path(root);
        check(&root, &root.join("cloud"))
    }

    /// The message and the hints of the refusal.
    fn refusal(&self, root: &str) -> String {
        let error = self.check(root).expect_err("it is refused");
        assert_eq!(error.kind.exit_code(), 3);
        format!("{} {}", error.message, error.hints.join(" "))
    }
}

#[test]
fn a_directory_of_ones_own_is_used() {
    let place = Place::new();
    place.check("above/home").expect("it is ours");
    place.check("above/none/home").expect("it does not exist");
    place.set_mode("above/home", 0o755);
    place.check("above/home").expect("others may look into it");
    symlink(place.path("above/home"), place.path("link")).expect("linked");
    place.check("link").expect("it is our link");
    place.set_mode("above", 0o1777);
    place.check("above/home").expect("a sticky directory");
}

#[test]
fn what_others_can_write_to_is_refused() {
    for path in [
        "above",
        "above/home",
        "above/home/cloud",
        "above/home/cloud/owner.json",
        "above/home/cloud/settings.json",
    ] {
        let place = Place::new();
        place.set_mode(path, 0o777);
        let refusal = place.refusal("above/home");
        let shown = place.path(path).display().to_string();
        assert!(
            refusal.contains(&format!("{shown} can be changed by other")),
            "{refusal}"
        );
        assert!(
            refusal.contains(&format!("chmod go-w {shown}")),
            "{refusal}"
        );
    }
    let place = Place::new();
    place.set_mode("above", 0o777);
    assert!(
        place.check("above/none").is_err(),
        "it would be created there"
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    for file in ["owner.json", "state.db"] {
        let place = Place::new();
        let path = format!("above/home/cloud/{file}");
        for mode in [0o644, 0o640, 0o604] {
            place.set_mode(&path, mode);
            let refusal = place.refusal("above/home");
            assert!(refusal.contains("`chmod 600 "), "{refusal}");
        }
    }
}

#[test]
fn a_link_is_followed() {
    let place = Place::new();
    let linked = place.path("elsewhere");
    fs::create_dir_all(linked.join("home")).expect("created");
    place.set_mode("elsewhere", 0o777);
    symlink(linked.join("home"), place.path("link")).expect("linked");
    assert!(place.refusal("link").contains("elsewhere can be changed"));
    // The same for a part of the state.
    fs::remove_file(place.path("above/home/cloud/state.db")).expect("removed");
    fs::write(linked.join("state.db"), "").expect("written");
    symlink(
        linked.join("state.db"),
        place.path("above/home/cloud/state.db"),
    )
    .expect("linked");
    assert!(
        place
            .refusal("above/home")
            .contains("elsewhere can be changed")
    );
    // Relative ones, and circles.
    symlink("../above/home", place.path("above/relative")).expect("linked");
    assert!(place.check("above/relative").is_err());
    symlink("circle", place.path("circle")).expect("linked");
    assert!(place.check("circle").is_err());
}

#[test]
fn what_is_anothers_is_refused() {
    if !geteuid().is_root() {
        // Only root can give a file away.
        return;
    }
    for path in [
        "above",
        "above/home",
        "above/home/cloud",
        "above/home/cloud/owner.json",
    ] {
        let place = Place::new();
        chown(place.path(path), Some(65_533), None).expect("given away");
        let refusal = place.refusal("above/home");
        assert!(
            refusal.contains("belongs to the user with the id 65533"),
            "{refusal}"
        );
    }
}
