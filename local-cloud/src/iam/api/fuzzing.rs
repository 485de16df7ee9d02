//! Properties of forms in and XML out.

use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::{DIALECT, write};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::fuzzing::engines::{NOW, PLACE};
use crate::iam::engine::{Entity, Iam, Loaded, NewRole, Role};
use crate::ids::SeededIds;
use crate::protocol::http::Reply;
use crate::protocol::query::{Params, Xml};

/// The texts of a document's elements, each when its element ends.
///
/// # Panics
/// When it is not well-formed.
pub(crate) fn texts(document: &str) -> Vec<String> {
    let allowed = |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(document.chars().all(allowed), "XML cannot hold all of it");
    let mut reader = Reader::from_str(document);
    let mut open: Vec<String> = Vec::new();
    let mut texts = Vec::new();
    loop {
        let event = reader.read_event().expect("the document is well-formed");
        let last = open.last_mut();
        match (event, last) {
            (Event::Start(_), _) => open.push(String::new()),
            (Event::Text(text), Some(last)) => last.push_str(&text.xml10_content()),
            (Event::GeneralRef(entity), Some(last)) => {
                match entity.resolve_char_ref().expect("a character of XML") {
                    Some(letter) => last.push(letter),
                    None => {
                        let name = entity.into_inner();
                        let text = resolve_predefined_entity(&name);
                        last.push_str(text.expect("an entity of XML"));
                    }
                }
            }
            (Event::End(_), Some(_)) => texts.extend(open.pop()),
            (Event::Eof, None) => return texts,
            (event, _) => panic!("{event:?} is in no element"),
        }
    }
}

fn body(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("replies are UTF-8")
}

/// What XML shows of a text: what it cannot hold is replaced.
fn shown(text: &str) -> String {
    let letter = |letter| match letter {
        '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => letter,
        _ => '\u{fffd}',
    };
    text.chars().map(letter).collect()
}

static ROLE: LazyLock<Role> = LazyLock::new(|| {
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let made = role(&Params::default(), "r", trust);
    made.expect("it is a good role").0
});

/// Texts between NULs, written into a role, its tags and an error: the XML is well-formed and
/// reads as they were.
pub fn iam_xml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.split('\0');
    let mut next = || parts.next().unwrap_or_default();
    let (name, path, key, value) = (next(), next(), next(), next());
    let mut role = ROLE.clone();
    name.clone_into(&mut role.name);
    path.clone_into(&mut role.path);
    role.description = Some(value.to_owned());
    role.principal_policies
        .tags
        .insert(key.to_owned(), value.to_owned());
    let write = |xml: &mut Xml| write::role(xml, &role, true);
    let reply = DIALECT.output("GetRole", "id", Some(write));
    let read = texts(body(&reply));
    for text in [name, path, key, value] {
        assert!(read.contains(&shown(text)), "{read:?} lacks {text:?}");
    }
    let error = AwsError::new("ValidationError", 400, value);
    let read = texts(body(&DIALECT.error("id", &error)));
    assert!(read.contains(&shown(value)));
    assert_eq!(
        percent_encoding::percent_decode_str(&write::document(text))
            .decode_utf8()
            .as_deref(),
        Ok(text)
    );
}

/// A form as IAM gets it: its fields are read, and a role that is made of it is written as XML
/// and read from what is stored; a user too.
pub fn iam_query(data: &[u8]) {
    let Ok(params) = Params::parse(data) else {
        return;
    };
    let operation = DIALECT.operation(&params);
    if let Err(error) = &operation {
        texts(body(&DIALECT.error("id", error)));
    }
    for name in ["MaxItems", "MaxSessionDuration"] {
        let number = params.number(name, 1, 1000);
        assert!(!matches!(number, Ok(Some(0 | 1001..))));
    }
    params.list("TagKeys");
    let names = ["a", "b", "c"].into_iter();
    let page = write::page(&params, names, |name| (*name).to_owned());
    assert!(page.is_err() || page.is_ok_and(|(names, _)| names.len() <= 3));
    user(&params);
    let name = params.text("RoleName").unwrap_or_default();
    let document = params.text("AssumeRolePolicyDocument").unwrap_or_default();
    let Ok((role, mut iam)) = role(&params, name, document) else {
        return;
    };
    let policy = params.text("PolicyName").unwrap_or("p");
    let document = params.text("PolicyDocument").unwrap_or_default();
    let put = iam.put_policy(Entity::Role(name), policy, document);
    assert!(
        put.is_err()
            || iam
                .role(name)
                .is_ok_and(|role| role.principal_policies.inline.len() == 1)
    );
    let write = |xml: &mut Xml| write::role(xml, &role, true);
    let reply = DIALECT.output("CreateRole", "id", Some(write));
    let read = texts(body(&reply));
    assert!(read.contains(&role.arn) && read.contains(&role.description.unwrap_or_default()));
}

/// A user of what a form says, with an access key, is renamed as it says, and is the same when it
/// is loaded again.
fn user(params: &Params) {
    let mut iam = Iam::load(PLACE.0, Loaded::default()).expect("nothing is sound");
    let ids = &mut SeededIds(1);
    let (tags, name) = (params.tags("Tags"), params.text("UserName"));
    let name = name.unwrap_or_default();
    if iam
        .create_user(name, params.text("Path"), &tags, (NOW, ids))
        .is_err()
    {
        return;
    }
    let (new_name, new_path) = (params.text("NewUserName"), params.text("NewPath"));
    let renamed = iam.update_user(name, new_name, new_path).is_ok();
    let name = new_name.filter(|_| renamed).unwrap_or(name);
    let made = iam.create_access_key(name, NOW, ids);
    let (key, changes) = made.expect("the first key is not too many");
    let stored = changes.into_iter();
    let stored = Loaded {
        users: stored
            .filter_map(|change| Some((change.key, change.value?)))
            .collect(),
        ..Loaded::default()
    };
    let again = Iam::load(PLACE.0, stored).expect("it was written here");
    let user = iam.user(name).expect("it was just made");
    assert_eq!(again.user(name).ok(), Some(user));
    assert_eq!(again.key_holder(&key.id), iam.key_holder(&key.id));
    let write = |xml: &mut Xml| write::user(xml, user, true);
    let reply = DIALECT.output("GetUser", "id", Some(write));
    assert!(texts(body(&reply)).contains(&user.arn));
    let alias = params.text("AccountAlias").unwrap_or_default();
    let named = iam.create_alias(alias).is_ok();
    assert_eq!(iam.alias(), named.then_some(alias));
}

/// A role of what a form says, alone in an account; it is the same when it is loaded again.
fn role(params: &Params, name: &str, trust: &str) -> Result<(Role, Iam), AwsError> {
    let mut iam = Iam::load(PLACE.0, Loaded::default()).expect("nothing is sound");
    let tags = params.tags("Tags");
    let new = NewRole {
        name,
        path: params.text("Path"),
        trust,
        description: Some(params.text("Description").unwrap_or_default()),
        max_session_seconds: params.number("MaxSessionDuration", 3600, 43_200)?,
        tags: &tags,
    };
    let (role, changes) = iam.create_role(new, NOW, &mut SeededIds(1))?;
    assert_eq!(role.created, WallMs(NOW.wall.0));
    let stored = changes.into_iter();
    let stored = stored.filter_map(|change| Some((change.key, change.value?)));
    let stored = Loaded {
        roles: stored.collect(),
        ..Loaded::default()
    };
    let again = Iam::load(PLACE.0, stored).expect("it was written here");
    assert_eq!(again.role(name).ok(), Some(&role));
    Ok((role, iam))
}
