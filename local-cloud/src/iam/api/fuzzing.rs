//! Properties of IAM's forms and XML, and of the permissions that its operations require.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use hyper::HeaderMap;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use tokio::runtime::Runtime;

use super::paging::Paging;
use super::service::IamService;
use super::{OPERATIONS, write};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::fuzzing::engines::{NOW, PLACE};
use crate::iam::engine::{Entity, Iam, Loaded, NewRole, Role};
use crate::iam::{DIALECT, Identities};
use crate::ids::SeededIds;
use crate::protocol::http::{Caller, Principal, Reply, Request};
use crate::protocol::query::{Params, Xml};
use crate::runtime_context::RuntimeContext;
use crate::service::Call;
use crate::service::query::read;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

/// The texts of a document's elements, in the order in which the elements end.
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

/// A text as XML holds it: characters that it cannot hold are replaced.
fn shown(text: &str) -> String {
    let letter = |letter| match letter {
        '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => letter,
        _ => '\u{fffd}',
    };
    text.chars().map(letter).collect()
}

static ROLE: LazyLock<Role> = LazyLock::new(|| {
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let created = role(&Params::default(), "r", trust);
    created.expect("the role is valid").0
});

/// Texts between NULs, written into a role, its tags and an error: the XML is well-formed and is read
/// as the same texts.
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
    let written = texts(body(&reply));
    for text in [name, path, key, value] {
        assert!(written.contains(&shown(text)), "{written:?} lacks {text:?}");
    }
    let error = AwsError::new("ValidationError", 400, value);
    let written = texts(body(&DIALECT.error("id", &error)));
    assert!(written.contains(&shown(value)));
    assert_eq!(
        percent_encoding::percent_decode_str(&write::document(text))
            .decode_utf8()
            .as_deref(),
        Ok(text)
    );
}

/// A form: it is read as a call or refused, and a role and a user that are created from it are
/// written as XML and loaded from what is stored.
pub fn iam_query(data: &[u8]) {
    let Ok(params) = Params::parse(data) else {
        return;
    };
    if let Err(error) = call_of_a_user(data) {
        let reply = DIALECT.error("id", &error);
        assert!(reply.status < 500);
        texts(body(&reply));
    }
    for name in ["MaxItems", "MaxSessionDuration"] {
        let number = params.number(name, 1, 1000);
        assert!(!matches!(number, Ok(Some(0 | 1001..))));
    }
    params.list("TagKeys");
    let names = ["a", "b", "c"].into_iter();
    if let Ok(paging) = Paging::read(&params) {
        let page = paging.page(names, |name| (*name).to_owned());
        assert!(page.items.len() <= 3);
    }
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
    let written = texts(body(&reply));
    assert!(written.contains(&role.arn) && written.contains(&role.description.unwrap_or_default()));
}

/// A user that is created from a form, gets an access key and is renamed, is the same when it is
/// loaded again.
fn user(params: &Params) {
    let mut iam = Iam::load(PLACE.0, Loaded::default()).expect("no entry is damaged");
    let ids = &mut SeededIds(1);
    let name = params.text("UserName").unwrap_or_default();
    let (path, tags) = (params.text("Path"), params.tags("Tags"));
    if iam.create_user(name, path, &tags, (NOW, ids)).is_err() {
        return;
    }
    let (new_name, new_path) = (params.text("NewUserName"), params.text("NewPath"));
    let renamed = iam.update_user(name, new_name, new_path).is_ok();
    let name = new_name.filter(|_| renamed).unwrap_or(name);
    let created = iam.create_access_key(name, NOW, ids);
    let (key, changes) = created.expect("a user may have one key");
    let entries = changes.entries.into_iter();
    let stored = Loaded {
        users: entries
            .filter_map(|change| Some((change.key, change.value?)))
            .collect(),
        ..Loaded::default()
    };
    let loaded = Iam::load(PLACE.0, stored).expect("it was written here");
    let user = iam.user(name).expect("it was just created");
    assert_eq!(loaded.user(name).ok(), Some(user));
    assert_eq!(loaded.key_owner(&key.id), iam.key_owner(&key.id));
    let write = |xml: &mut Xml| write::user(xml, user, true);
    let reply = DIALECT.output("GetUser", "id", Some(write));
    assert!(texts(body(&reply)).contains(&user.arn));
    let alias = params.text("AccountAlias").unwrap_or_default();
    let named = iam.create_alias(alias).is_ok();
    assert_eq!(iam.alias(), named.then_some(alias));
}

/// A role that is created from a form, alone in its account. It is the same when it is loaded again.
fn role(params: &Params, name: &str, trust: &str) -> Result<(Role, Iam), AwsError> {
    let mut iam = Iam::load(PLACE.0, Loaded::default()).expect("no entry is damaged");
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
    let entries = changes.entries.into_iter();
    let stored = Loaded {
        roles: entries
            .filter_map(|change| Some((change.key, change.value?)))
            .collect(),
        ..Loaded::default()
    };
    let loaded = Iam::load(PLACE.0, stored).expect("it was written here");
    assert_eq!(loaded.role(name).ok(), Some(&role));
    Ok((role, iam))
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime starts"));

/// The service of an account without roles and users.
static SERVICE: LazyLock<Arc<IamService>> = LazyLock::new(|| {
    let _guard = RUNTIME.enter();
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let identities = Identities::open(&context, ("AKIA1", "s"));
    Arc::new(IamService::new(
        identities.expect("a new journal can be read"),
    ))
});

fn call_of_a_user(form: &[u8]) -> Result<Box<dyn Call>, AwsError> {
    let request = Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(form),
        caller: Arc::new(Caller {
            arn: "arn:aws:iam::000000000000:user/u".to_owned(),
            user_id: "AIDAEXAMPLE".to_owned(),
            access_key: "AKIAEXAMPLE".to_owned(),
            principal: Principal::User("u".to_owned()),
            issued: None,
        }),
        request_id: String::new(),
    };
    read(OPERATIONS, &SERVICE, &request)
}

/// A request of the user `u`, as a form: it requires a permission on what IAM would use.
pub(crate) fn check_permissions(form: &[u8]) {
    let Ok(call) = call_of_a_user(form) else {
        return;
    };
    let Ok(required) = call.required_permissions() else {
        return;
    };
    assert!(
        !required.is_empty(),
        "every operation requires a permission"
    );
    let params = Params::parse(form).unwrap_or_default();
    if let Some(arn) = used_arn(call.name(), &params) {
        let is_required = required.iter().any(|one| one.resource == arn);
        assert!(is_required, "{arn} is used, and {required:?} are required");
    }
}

/// The role or user that an operation would use. With a path it is a new one.
fn used_arn(operation: &str, params: &Params) -> Option<String> {
    let is_list = matches!(operation, "ListRoles" | "ListUsers");
    if is_list || params.text("Path").is_some() {
        return None;
    }
    let may_be_own = operation == "GetUser" || operation.contains("AccessKey");
    let resource = if may_be_own {
        format!("user/{}", params.text("UserName").unwrap_or("u"))
    } else if operation.contains("User") {
        format!("user/{}", params.text("UserName")?)
    } else if operation.contains("Role") {
        format!("role/{}", params.text("RoleName")?)
    } else {
        return None;
    };
    Some(format!("arn:aws:iam::{}:{resource}", PLACE.0))
}
