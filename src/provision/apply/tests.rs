//! The runner with resources that only record what was done to them.

use std::sync::{Arc, Mutex, PoisonError};

use super::*;
use crate::provision::resource::Described;
use crate::provision::{Resource, inspect_all};

/// What was done, in order, as `verb name`.
type Log = Arc<Mutex<Vec<String>>>;

/// A small lab: two independent resources, one that needs both, and one that needs that.
const SHAPE: [(&str, &[&str]); 4] = [
    ("a", &[]),
    ("b", &[]),
    ("c", &["thing a", "thing b"]),
    ("d", &["thing c"]),
];

/// A resource that may fail or interrupt.
struct Thing {
    name: &'static str,
    after: &'static [&'static str],
    state: Mutex<Observed>,
    fails: bool,
    cancels: Option<CancellationToken>,
    log: Log,
}

impl Thing {
    fn work(&self, verb: &str, state: Observed) -> Result<(), Problem> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(format!("{verb} {}", self.name));
        if let Some(cancel) = &self.cancels {
            cancel.cancel();
        }
        if self.fails {
            return Err(Problem::Failed("made up".to_owned()));
        }
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}

impl Described for Thing {
    fn kind(&self) -> &'static str {
        "thing"
    }
    fn name(&self) -> String {
        self.name.to_owned()
    }
    fn dependencies(&self) -> Vec<String> {
        self.after.iter().map(|&id| id.to_owned()).collect()
    }
    fn is_removed_last(&self) -> bool {
        self.name == "b"
    }
    fn tags(&self) -> HashMap<String, String> {
        HashMap::from([("lab".to_owned(), "ours".to_owned())])
    }
}

impl Resource for Thing {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(state.clone())
    }
    async fn create(&self, _: &Waiter) -> Result<(), Problem> {
        self.work("create", Observed::InSync)
    }
    async fn update(&self, differences: &[Difference], _: &Waiter) -> Result<(), Problem> {
        let settings: Vec<&str> = differences.iter().map(|one| &*one.setting).collect();
        let verb = format!("update {} of", settings.join(" and "));
        self.work(&verb, Observed::InSync)
    }
    async fn tag(&self, tags: HashMap<String, String>, _: &Waiter) -> Result<(), Problem> {
        let mut pairs: Vec<String> = tags
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        pairs.sort();
        let verb = format!("tag {} on", pairs.join(" and "));
        self.work(&verb, drifted(&["size"]))
    }
    async fn delete(&self, _: &Waiter) -> Result<(), Problem> {
        self.work("delete", Observed::Absent)
    }
}

fn drifted(settings: &[&str]) -> Observed {
    let difference = |setting: &&str| Difference::new(*setting, "1", "2");
    Observed::Drifted(settings.iter().map(difference).collect())
}

struct Scene {
    stack: Vec<Box<dyn AnyResource>>,
    log: Log,
    cancel: CancellationToken,
}

impl Scene {
    fn new(exists: bool, failing: Option<&str>, cancelling: Option<&str>) -> Self {
        let state = if exists {
            Observed::InSync
        } else {
            Observed::Absent
        };
        Self::of(|_| state.clone(), failing, cancelling)
    }

    fn of(
        state: impl Fn(&str) -> Observed,
        failing: Option<&str>,
        cancelling: Option<&str>,
    ) -> Self {
        let (log, cancel) = (Log::default(), CancellationToken::new());
        let thing = |&(name, after): &(&'static str, &'static [&'static str])| {
            Box::new(Thing {
                name,
                after,
                state: Mutex::new(state(name)),
                fails: failing == Some(name),
                cancels: (cancelling == Some(name)).then(|| cancel.clone()),
                log: Arc::clone(&log),
            }) as Box<dyn AnyResource>
        };
        let stack = SHAPE.iter().map(thing).collect();
        Self { stack, log, cancel }
    }

    async fn up(&self, adopt: bool) -> Vec<&'static str> {
        let (events, _receiver) = Events::channel();
        let found = inspect_all(&self.stack, &events, &CancellationToken::new()).await;
        let direction = Direction::Up {
            found: &found,
            adopt,
        };
        self.apply(direction).await
    }

    async fn down(&self) -> Vec<&'static str> {
        self.apply(Direction::Down).await
    }

    /// Applies the change; returns one word for each resource.
    async fn apply(&self, direction: Direction<'_>) -> Vec<&'static str> {
        let (events, _receiver) = Events::channel();
        let report = apply(&self.stack, direction, &events, &self.cancel).await;
        let word = |result: &ResourceResult| match &result.outcome {
            Some(Ok(outcome)) => outcome.name(),
            Some(Err(Problem::Foreign)) => "foreign",
            Some(Err(Problem::Unfit(_))) => "unfit",
            Some(Err(Problem::Taken(_))) => "taken",
            Some(Err(Problem::NotAdoptable(_))) => "not adoptable",
            Some(Err(_)) => "failed",
            None => "skipped",
        };
        report.resources.iter().map(word).collect()
    }

    fn log(&self) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.clone()
    }
}

#[tokio::test]
async fn up_follows_dependencies_and_down_reverses() {
    let scene = Scene::new(false, None, None);
    assert_eq!(scene.up(false).await, ["created"; 4]);
    let mut log = scene.log();
    log[..2].sort();
    assert_eq!(log, ["create a", "create b", "create c", "create d"]);
    assert_eq!(scene.down().await, ["deleted"; 4]);
    let log = scene.log().split_off(4);
    assert_eq!(log, ["delete d", "delete c", "delete a", "delete b"]);
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let scene = Scene::new(true, None, None);
    assert_eq!(scene.up(false).await, ["unchanged"; 4]);
    let scene = Scene::new(false, None, None);
    assert_eq!(scene.down().await, ["absent"; 4]);
    assert_eq!(scene.log(), [""; 0]);
}

#[tokio::test]
async fn a_failure_stops_only_its_dependents() {
    let up = [
        ("a", ["failed", "created", "skipped", "skipped"]),
        ("b", ["created", "failed", "skipped", "skipped"]),
        ("c", ["created", "created", "failed", "skipped"]),
        ("d", ["created", "created", "created", "failed"]),
    ];
    for (failing, words) in up {
        let scene = Scene::new(false, Some(failing), None);
        assert_eq!(scene.up(false).await, words, "{failing}");
    }
    let down = [
        ("a", ["failed", "skipped", "deleted", "deleted"]),
        ("b", ["deleted", "failed", "deleted", "deleted"]),
        ("c", ["skipped", "skipped", "failed", "deleted"]),
        ("d", ["skipped", "skipped", "skipped", "failed"]),
    ];
    for (failing, words) in down {
        let scene = Scene::new(true, Some(failing), None);
        assert_eq!(scene.down().await, words, "{failing}");
    }
}

#[tokio::test]
async fn nothing_starts_after_an_interruption() {
    let scene = Scene::new(false, None, None);
    scene.cancel.cancel();
    assert_eq!(scene.up(false).await, ["skipped"; 4]);
    for (cancelling, done) in [("a", 2), ("b", 2), ("c", 3), ("d", 4)] {
        let scene = Scene::new(false, None, Some(cancelling));
        let words = scene.up(false).await;
        // What was in progress is finished: `a` and `b` begin together.
        assert_eq!(words[..done], vec!["created"; done], "{cancelling}");
        assert_eq!(words[done..], vec!["skipped"; 4 - done], "{cancelling}");
        assert_eq!(scene.log().len(), done);
    }
}

#[tokio::test]
async fn tags_are_updated_before_settings() {
    let state = |name: &str| match name {
        "a" => drifted(&["size", "tag owner", "tag made"]),
        _ => Observed::InSync,
    };
    let scene = Scene::of(state, None, None);
    let words = scene.up(false).await;
    assert_eq!(words, ["updated", "unchanged", "unchanged", "unchanged"]);
    assert_eq!(
        scene.log(),
        ["tag made=2 and owner=2 on a", "update size of a"]
    );
}

#[tokio::test]
async fn broken_is_replaced_and_unfit_left_alone() {
    let state = |name: &str| match name {
        "a" => Observed::Broken(Vec::new()),
        "b" => Observed::Unfit(vec![Difference::new("key", "x", "id")]),
        _ => Observed::Absent,
    };
    let scene = Scene::of(state, None, None);
    let words = scene.up(false).await;
    assert_eq!(words, ["replaced", "unfit", "skipped", "skipped"]);
    assert_eq!(scene.log(), ["delete a", "create a"]);
}

/// Something without the lab's tag that would be in this state with it.
fn foreign(adopted: Observed) -> Observed {
    Observed::Foreign(Box::new(adopted))
}

#[tokio::test]
async fn foreign_is_left_alone_unless_adopted() {
    let state = |name: &str| match name {
        "a" => foreign(drifted(&["size"])),
        _ => Observed::InSync,
    };
    let scene = Scene::of(state, None, None);
    assert_eq!(
        scene.up(false).await,
        ["foreign", "unchanged", "skipped", "skipped"]
    );
    assert_eq!(
        scene.down().await,
        ["foreign", "skipped", "deleted", "deleted"]
    );
    assert!(!scene.log().iter().any(|line| line.ends_with(" a")));
    let scene = Scene::of(state, None, None);
    assert_eq!(
        scene.up(true).await,
        ["adopted", "unchanged", "unchanged", "unchanged"]
    );
    assert_eq!(scene.log(), ["tag lab=ours on a", "update size of a"]);
}

#[tokio::test]
async fn unfit_foreign_is_neither_adopted_nor_tagged() {
    let key = vec![Difference::new("key", "x", "id")];
    for adopted in [Observed::Unfit(key.clone()), Observed::Broken(key)] {
        let state = |name: &str| match name {
            "a" => foreign(adopted.clone()),
            _ => Observed::InSync,
        };
        let scene = Scene::of(state, None, None);
        assert_eq!(
            scene.up(true).await,
            ["not adoptable", "unchanged", "skipped", "skipped"]
        );
        assert_eq!(scene.log(), [""; 0]);
    }
}

#[tokio::test]
async fn another_labs_resource_is_never_touched() {
    let state = |name: &str| match name {
        "a" => Observed::Taken("the lab default in eu-west-1".to_owned()),
        _ => Observed::InSync,
    };
    let scene = Scene::of(state, None, None);
    assert_eq!(
        scene.up(true).await,
        ["taken", "unchanged", "skipped", "skipped"]
    );
    assert_eq!(
        scene.down().await,
        ["taken", "skipped", "deleted", "deleted"]
    );
    assert!(!scene.log().iter().any(|line| line.ends_with(" a")));
}
