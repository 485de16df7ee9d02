use proptest::prelude::*;

use super::*;

#[test]
fn a_form_with_lists_and_tags_is_read() {
    let params = Params::parse(
        b"Action=TagRole&A=a+b%2Bc&Keys.member.1=x&Keys.member.2=y&Keys.member.4=lost\
          &Tags.member.1.Key=k&Tags.member.1.Value=v%26w&Tags.member.2.Key=bare&Empty=",
    )
    .unwrap();
    assert_eq!(params.text("A"), Some("a b+c"));
    assert_eq!(params.list("Keys"), ["x", "y"]);
    let tags = [("k", "v&w"), ("bare", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(params.tags("Tags"), tags);
    assert!(params.list("Empty").is_empty());
    assert_eq!(
        params.require("RoleName").unwrap_err().message,
        "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: \
         Member must not be null"
    );
}

#[test]
fn numbers_keep_their_range() {
    let params = Params::parse(b"A=0&B=1001&C=x&D=1000&E=99999999999&F=-1").unwrap();
    let number = |name| params.number(name, 1, 1000);
    assert!(
        number("A")
            .unwrap_err()
            .message
            .ends_with("greater than or equal to 1")
    );
    assert!(
        number("B")
            .unwrap_err()
            .message
            .ends_with("less than or equal to 1000")
    );
    assert_eq!(number("C").unwrap_err().code, "MalformedInput");
    assert_eq!(number("D").unwrap(), Some(1000));
    assert!(
        number("E")
            .unwrap_err()
            .message
            .ends_with("less than or equal to 1000")
    );
    assert!(
        number("F")
            .unwrap_err()
            .message
            .ends_with("greater than or equal to 1")
    );
    assert_eq!(number("G").unwrap(), None);
}

#[test]
fn an_unknown_operation_is_refused_by_name() {
    let dialect = Dialect {
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    };
    let reply = dialect.error("r-1", &dialect.unknown_operation("Create<User>"));
    assert_eq!(reply.status, 400);
    assert_eq!(
        std::str::from_utf8(&reply.body).unwrap(),
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
         <Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation \
         Create&lt;User&gt; for version 2010-05-08</Message></Error>\
         <RequestId>r-1</RequestId></ErrorResponse>"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_parsing_panic(form in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(params) = Params::parse(&form) {
            let _ = (params.list("a"), params.tags("a"), params.number("a", 1, 9));
        }
    }

    #[test]
    fn encoded_pairs_come_back(name in "[A-Za-z.0-9]{1,20}", value in any::<String>()) {
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        let params = Params::parse(format!("{name}={encoded}").as_bytes()).unwrap();
        prop_assert_eq!(params.text(&name), Some(value.as_str()));
    }

    #[test]
    fn escaped_text_is_read_back_by_an_xml_parser(value in "[ -~äß\n\t\r]{0,40}") {
        let mut xml = Xml::default();
        xml.escape(&value);
        let written = xml.into_string();
        prop_assert_eq!(quick_xml::escape::unescape(&written).unwrap(), value);
    }
}
