use proptest::prelude::*;

use super::*;

fn body(number: &str, items: &str, price: &str, description: &str) -> String {
    format!(
        r#"{{"order_number": {number}, "num_items": {items}, "price_per_item": {price}, "item_description": {description}}}"#
    )
}

fn reason(body: impl AsRef<[u8]>) -> Reason {
    parse(body.as_ref()).expect_err("the order is bad").reason
}

#[test]
fn a_good_order_has_canonical_details() {
    let order = parse(body("100000000001", "3", "110.0", r#""zTV \"4K\"""#).as_bytes()).unwrap();
    assert_eq!(order.order_number, FIRST_NUMBER);
    assert_eq!(
        order.details(),
        r#"{"num_items":3,"price_per_item":110.0,"item_description":"zTV \"4K\""}"#
    );
    let same = r#"{"x":[1],"item_description":"zTV \u00224K\"","price_per_item":1.1e2,"num_items":3,"order_number":100000000001}"#;
    assert_eq!(parse(same.as_bytes()).unwrap(), order);
}

#[test]
fn bodies_that_are_no_orders_are_refused() {
    let whole = body("100000000001", "3", "110.0", r#""zTV""#);
    let twice = format!(r#"{{"order_number":1,{}"#, &whole[1..]);
    let deep = "[".repeat(100_000);
    let cases = [
        ("", Reason::NoBody),
        (" ", Reason::BrokenJson),
        ("order", Reason::BrokenJson),
        ("{}{}", Reason::BrokenJson),
        ("[1, 2", Reason::BrokenJson),
        ("\u{feff}{}", Reason::BrokenJson),
        (&deep, Reason::BrokenJson),
        ("[{}]", Reason::NotAnObject),
        (" null ", Reason::NotAnObject),
        ("1e999", Reason::NotAnObject),
        ("{}", Reason::EmptyObject),
        (r#"{"a": 1}"#, Reason::MissingField),
        (&twice, Reason::RepeatedField),
    ];
    for (body, expected) in cases {
        assert_eq!(reason(body), expected, "{}", excerpt(body));
    }
    assert_eq!(reason(b"{\"a\": \"\xff\"}"), Reason::NotUtf8);
}

#[test]
fn every_bad_field_has_its_reason() {
    use Reason::*;
    let (number, items, price, text) = ("100000000001", "3", "110.0", r#""zTV""#);
    let cases = [
        (["null", items, price, text], WrongType),
        (["1.5e11", items, price, text], WrongType),
        (["100000000000", items, price, text], OutOfRange),
        (["200000000003", items, price, text], OutOfRange),
        (
            ["99999999999999999999999999", items, price, text],
            OutOfRange,
        ),
        (["-1", items, price, text], OutOfRange),
        ([number, "3.0", price, text], WrongType),
        ([number, "\"3\"", price, text], NumberAsText),
        ([number, "0", price, text], OutOfRange),
        ([number, "6", price, text], OutOfRange),
        ([number, items, "\"err\"", text], PriceErr),
        ([number, items, "\"110.0\"", text], NumberAsText),
        ([number, items, "\"inf\"", text], WrongType),
        ([number, items, "{}", text], WrongType),
        ([number, items, "NaN", text], BrokenJson),
        ([number, items, "0.0", text], OutOfRange),
        ([number, items, "-0.01", text], OutOfRange),
        ([number, items, "1e999", text], OutOfRange),
        ([number, items, price, "7"], WrongType),
        ([number, items, price, r#""\ud800""#], WrongType),
        ([number, items, price, r#""""#], EmptyDescription),
    ];
    for ([number, items, price, text], expected) in cases {
        let body = body(number, items, price, text);
        assert_eq!(reason(&body), expected, "{}", excerpt(&body));
    }
}

#[test]
fn depth_does_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(reason(&deep), Reason::NotAnObject);
    assert_eq!(
        reason(body("100000000001", "1", &deep, "\"zTV\"")),
        Reason::WrongType
    );
}

#[test]
fn a_defect_has_the_number_if_readable() {
    let defect = parse(body("100000000007", "1", "\"err\"", "\"zTV\"").as_bytes()).unwrap_err();
    assert_eq!(defect.order_number, Some(100_000_000_007));
    assert_eq!(defect.code(), "price_err");
    assert_eq!(
        defect.to_string(),
        r#"price_per_item is "err", not a number"#
    );
    assert_eq!(
        parse(br#"{"order_number": 1}"#).unwrap_err().order_number,
        None
    );
}

#[test]
fn a_broken_body_may_have_a_legible_number() {
    let number = |body: &str| parse(body.as_bytes()).unwrap_err().order_number;
    for (body, legible) in [
        (r#"{"order_number":100000000007,"num_it"#, true),
        (r#"{ "order_number" : 100000000007, "#, true),
        (r#"{"order_number":"100000000007"}"#, true),
        // More digits may have followed.
        (r#"{"order_number":100000000007"#, false),
        (r#"{"order_number":10000000000"#, false),
        (r#"{"order_number":7,"num_it"#, false),
        (r#"{"order_number":null,"num_it"#, false),
        (r#"{"order_num"#, false),
        (r#"["order_number", 100000000007]"#, false),
    ] {
        assert_eq!(number(body), legible.then_some(100_000_000_007), "{body}");
    }
}

#[test]
fn reasons_have_one_code_everywhere() {
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        assert_eq!(reason.code().parse(), Ok(reason));
    }
}

proptest! {
    #[test]
    fn never_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn never_panics_on_what_looks_like_an_order(
        number in "[-0-9.eE\"\\[{n]{0,30}",
        items in "[-0-9.eE\"\\]}t]{0,30}",
        price in "[-0-9.eE\"]{0,400}",
        description in "\"?[\\\\u0-9a-f\"é]{0,20}\"?",
    ) {
        let _ = parse(body(&number, &items, &price, &description).as_bytes());
    }

    #[test]
    fn details_are_canonical(items in 1..=MAX_ITEMS, price in f64::MIN_POSITIVE..f64::MAX, text in ".{1,20}") {
        let order = Order {
            order_number: FIRST_NUMBER, num_items: items, price_per_item: price, item_description: text,
        };
        let again = parse(serde_json::to_string(&order).unwrap().as_bytes()).unwrap();
        prop_assert_eq!(again.details(), order.details());
    }
}
