use futures_util::FutureExt as _;

use super::super::connection::Sender;
use super::*;

const MOST: usize = 500;

/// Opens a connection of this peer.
fn open(places: &Arc<Places>, peer: Peer) -> Option<(Arc<Connection>, Place)> {
    let connection = Arc::new(Connection::new(peer));
    let place = places.enter(&connection)?;
    Some((connection, place))
}

fn many(places: &Arc<Places>, count: usize, peer: Peer) -> Vec<(Arc<Connection>, Place)> {
    let mut opened = Vec::new();
    for _ in 0..count {
        opened.extend(open(places, peer));
    }
    opened
}

fn is_closed(connection: &Connection) -> bool {
    connection.closed().now_or_never().is_some()
}

fn closed(connections: &[(Arc<Connection>, Place)]) -> usize {
    let mut closed = 0;
    for (connection, _) in connections {
        closed += usize::from(is_closed(connection));
    }
    closed
}

#[test]
fn idle_connections_give_way_to_new_ones() {
    for peer in [Peer::User(7), Peer::Unknown, Peer::Ours] {
        let places = Places::new(MOST);
        let idle = many(&places, 3 * MOST, peer);
        assert_eq!(idle.len(), 3 * MOST);
        let (own, _place) = open(&places, Peer::Ours).expect("there is room");
        assert!(!is_closed(&own));
        assert!(!is_closed(&idle[3 * MOST - 1].0), "the oldest go first");
        let left = 3 * MOST - closed(&idle);
        assert!(left < MOST, "{peer:?}: {left}");
    }
}

#[test]
fn another_user_never_closes_the_owners() {
    let places = Places::new(MOST);
    let own = many(&places, 100, Peer::Ours);
    for (connection, _) in &own[..50] {
        connection.verified(Sender::Owner);
        connection.end(Some(0));
    }
    let others = many(&places, 2000, Peer::User(7));
    assert_eq!(closed(&own), 0);
    assert_eq!(2000 - closed(&others), USERS_CONNECTIONS);
    for user in 8..20 {
        drop(many(&places, 300, Peer::User(user)));
    }
    assert_eq!(closed(&own), 0);
}

#[test]
fn places_are_kept_for_the_owner() {
    let places = Places::new(MOST);
    // Requests of others that are being answered are not closed.
    let busy = many(&places, MOST, Peer::Ours);
    for (connection, _) in &busy[..MOST - OWNERS_CONNECTIONS] {
        connection.verified(Sender::Other);
    }
    assert!(open(&places, Peer::User(7)).is_none());
    assert!(open(&places, Peer::Unknown).is_none());
    assert!(open(&places, Peer::Ours).is_some());
    assert_eq!(closed(&busy[..MOST - OWNERS_CONNECTIONS]), 0);
}

#[test]
fn a_place_is_given_back() {
    let places = Places::new(MOST);
    for _ in 0..3 {
        let opened = many(&places, MOST, Peer::Ours);
        assert_eq!(closed(&opened), 0);
    }
    assert!(places.lock().open.is_empty());
}

#[test]
fn requests_in_progress_are_bounded_by_sender_and_in_all() {
    let progress = InProgress::default();
    let mut held = Vec::new();
    let mut enter = |sender: CountedAs<'_>| {
        let counted = progress.enter(sender);
        let is_counted = counted.is_some();
        held.extend(counted);
        is_counted
    };
    for _ in 0..ENVIRONMENTS_REQUESTS {
        assert!(enter(CountedAs::Environment("token")));
    }
    assert!(!enter(CountedAs::Environment("token")));
    for key in ["a", "b", "c"] {
        while enter(CountedAs::Key(key)) {}
    }
    assert!(!enter(CountedAs::Key("d")));
    assert_eq!(held.len(), OTHERS_REQUESTS);
    drop(held);
    assert!(progress.lock().by_sender.is_empty());
    assert!(progress.enter(CountedAs::Key("a")).is_some());
}
