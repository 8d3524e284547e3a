//! JSON as peers write it, and as attackers would.

use serde::Serialize;
use serde_json::value::RawValue;

use super::*;

fn value(raw: &str) -> Value<'_> {
    Value {
        raw,
        is_escaped: has_backslash(raw),
    }
}

fn fault(text: &str) -> JsonFault {
    object(text.as_bytes()).unwrap_err()
}

fn nested(depth: usize) -> String {
    let deep = "[".repeat(depth - 1) + &"]".repeat(depth - 1);
    format!(r#"{{"a":{deep}}}"#)
}

/// RFC 6749 §5.1.
const TOKEN_RESPONSE: &str = r#"{
  "access_token":"2YotnFZFEjr1zCsicMWpAA",
  "token_type":"example",
  "expires_in":3600,
  "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
  "example_parameter":"example_value"
}"#;

#[test]
fn members_come_in_the_order_of_the_document() {
    let object = object(TOKEN_RESPONSE.as_bytes()).unwrap();
    let names: Vec<_> = object.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "access_token",
            "token_type",
            "expires_in",
            "refresh_token",
            "example_parameter"
        ]
    );
    assert_eq!(object.iter().len(), 5);
    let expires_in = object.member("expires_in").unwrap();
    assert_eq!(expires_in.whole_number_or_text(), Ok(3600));
    assert!(object.member("scope").is_none());
    for (name, value) in object {
        assert!(matches!(name, Cow::Borrowed(_)));
        if name != "expires_in" {
            assert!(matches!(value.string(), Ok(Cow::Borrowed(_))));
        }
    }
}

#[test]
fn names_are_unescaped() {
    let object = object(br#" { "t\u006fken" : 1 , "\"" : [ ] , "" : null } "#).unwrap();
    let members: Vec<_> = object.iter().map(|(n, v)| (n, v.raw())).collect();
    assert_eq!(members, [("token", "1"), ("\"", "[ ]"), ("", "null")]);
    assert!(super::object(b"{}").unwrap().members.is_empty());
}

#[test]
fn only_an_object_is_one() {
    for text in ["[]", "[{}]", "\"a\"", "1", "null", "true"] {
        assert_eq!(fault(text), JsonFault::NotAnObject, "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "{]",
        "{}{}",
        "{} x",
        "{}\0",
        "\u{feff}{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"b}",
        "{\"a\":[1,]}",
        "{\"a\":[}]}",
        "{\"a\":{\"b\":1]}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;}",
        "// c\n{}",
        "{\"\\ud800\":1}",
    ] {
        assert!(matches!(fault(text), JsonFault::Syntax { .. }), "{text:?}");
    }
    let place = JsonFault::Syntax { line: 2, column: 5 };
    assert_eq!(fault("{\n\"a\":x}"), place);
    assert_eq!(object(b"{\"a\":\"\xff\"}").unwrap_err(), JsonFault::NotUtf8);
    assert_eq!(object(b"{}\xff").unwrap_err(), JsonFault::NotUtf8);
}

#[test]
fn a_name_twice_is_refused_at_every_level() {
    let duplicate = |name: &str| JsonFault::Duplicate(name.to_owned());
    for (text, name) in [
        (r#"{"a":1,"a":1}"#, "a"),
        (r#"{"a":1,"b":2,"\u0061":3}"#, "a"),
        (r#"{"":1,"":2}"#, ""),
        (r#"{"x":{"a":1,"b":{},"a":2}}"#, "a"),
        (r#"{"x":[1,{"y":{"a" : "a","\u0061" :"a"}}]}"#, "a"),
        (r#"{"x":{"\"":1,"\u0022":2}}"#, "\""),
        (r#"{"x":[{},{"a":{"a":0},"b":[],"b":0}]}"#, "b"),
    ] {
        assert_eq!(fault(text), duplicate(name), "{text}");
    }
    for text in [
        r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#,
        r#"{"a":[{"b":1},{"b":1}],"c":"a","A":1}"#,
        r#"{"a":{"b":"b","c":"b","d":["b","b",":"]}}"#,
        r#"{"a":{"b":"c\":1,\"b\":{","c":"}","d":"\\"}}"#,
    ] {
        assert!(object(text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn names_that_the_reader_reserves_are_refused_at_every_level() {
    for name in ["RawValue", "\\u0052awValue", "Number"] {
        let name = format!("$serde_json::private::{name}");
        for text in [
            format!(r#"{{"{name}":"]"}}"#),
            format!(r#"{{"a":{{"{name}":"[1]"}}}}"#),
            format!(r#"{{"a":[{{"b":{{"{name}":"1"}}}}]}}"#),
        ] {
            assert_eq!(fault(&text), JsonFault::Reserved, "{text}");
        }
    }
    let fine = r#"{"a":"$serde_json::private::RawValue","$serde_json":1}"#;
    assert_eq!(kept(fine).to_value()["$serde_json"], 1);
}

#[test]
fn nesting_ends_at_32() {
    assert!(object(nested(32).as_bytes()).is_ok());
    assert_eq!(fault(&nested(33)), JsonFault::TooDeep);
    let mixed = r#"[{"a":"#.repeat(16) + "1" + &"}]".repeat(16);
    assert_eq!(fault(&format!("{{\"a\":{mixed}}}")), JsonFault::TooDeep);
    let wide = format!(r#"{{"a":[{}[]]}}"#, "[],".repeat(100));
    assert!(object(wide.as_bytes()).is_ok());
    let text = format!(r#"{{"a":["{}"]}}"#, "[{".repeat(100));
    assert!(object(text.as_bytes()).is_ok());
}

#[test]
fn values_that_stand_for_nothing_are_refused() {
    for raw in [
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#""\ud800x""#,
        "1e400",
        "-1E+400",
    ] {
        for text in [
            format!(r#"{{"a":{raw}}}"#),
            format!(r#"{{"a":[{raw}]}}"#),
            format!(r#"{{"a":{{"b":{raw}}}}}"#),
        ] {
            assert_eq!(fault(&text), JsonFault::Unrepresentable, "{text}");
        }
    }
    let long = format!(r#"{{"a":{}}}"#, "9".repeat(400));
    assert_eq!(fault(&long), JsonFault::Unrepresentable);
    assert_eq!(fault(r#"{"a":{"\ud800":1}}"#), JsonFault::Unrepresentable);
    let fine = r#"{"a":["\ud83d\ude00","\\ud800",1e300,-1e-400]}"#;
    assert!(object(fine.as_bytes()).is_ok());
}

#[test]
fn strings_are_unescaped() {
    assert_eq!(value(r#""""#).string().unwrap(), "");
    assert_eq!(value(r#""a\/b\u00e9\n\"""#).string().unwrap(), "a/bé\n\"");
    assert_eq!(value(r#""é""#).string().unwrap(), "é");
    for raw in ["1", "null", "true", "[\"a\"]", "{\"a\":\"b\"}"] {
        assert_eq!(value(raw).string(), Err(wrong("a string")));
    }
}

#[test]
fn whole_numbers_may_come_as_text() {
    for raw in [
        "3600",
        "\"3600\"",
        "3600.0",
        "3600.000",
        r#""\u0033600""#,
        "\"03600\"",
    ] {
        assert_eq!(value(raw).whole_number_or_text(), Ok(3600), "{raw}");
    }
    assert_eq!(value("0").whole_number_or_text(), Ok(0));
    for raw in [
        "\"\"",
        "\"12abc\"",
        "\"-1\"",
        "\"+1\"",
        "\"1.5\"",
        "\"3600.0\"",
        "\" 3600 \"",
        "\"1e3\"",
        "\"0x10\"",
        "\"\u{0663}\"",
        "\"18446744073709551616\"",
        "-1",
        "-0.0",
        "1.5",
        "1.0e3",
        "1e3",
        "18446744073709551616",
        "null",
        "true",
        "[3600]",
        "{}",
    ] {
        assert!(value(raw).whole_number_or_text().is_err(), "{raw}");
    }
}

#[test]
fn the_other_types() {
    assert_eq!(value("true").boolean(), Ok(true));
    assert_eq!(value("false").boolean(), Ok(false));
    assert!(value("\"true\"").boolean().is_err());
    assert!(value("null").is_null());
    assert!(!value("\"null\"").is_null());
    assert_eq!(value(r#"["a", "\u0062"]"#).strings().unwrap(), ["a", "b"]);
    assert_eq!(value("[]").strings().unwrap(), [""; 0]);
    for raw in ["\"a\"", "[1]", "[null]", "[[\"a\"]]", "null", "{}"] {
        assert_eq!(value(raw).strings(), Err(wrong("an array of strings")));
    }
    let inner = value(r#"{"a":1}"#).object().unwrap();
    assert_eq!(inner.member("a").unwrap().whole_number_or_text(), Ok(1));
    assert!(value("[]").object().is_err());
    assert_eq!(value("[1,2]").parse::<(u8, u8)>(), Ok((1, 2)));
    assert_eq!(value("256").parse::<u8>(), Err(wrong("u8")));
}

#[test]
fn no_value_is_printed() {
    let body = br#"{"name":"hush","n":["hush"]}"#;
    let object = object(body).unwrap();
    assert_eq!(format!("{object:?}"), r#"Object["name", "n"]"#);
    for (name, value) in object {
        assert!(!format!("{value:?}").contains("hush"));
        let fault = value.parse::<Vec<u8>>().unwrap_err();
        assert!(!format!("{fault:?} {fault}").contains("hush"));
        let mut members = Members::default();
        members.keep(&name, value);
        assert_eq!(format!("{members:?}"), format!("Members[{name:?}]"));
    }
    let name = "n".repeat(1000);
    let message = fault(&format!(r#"{{"{name}":1,"{name}":2}}"#)).to_string();
    assert_eq!(message.len(), "duplicate JSON member \"\"".len() + 64);
}

#[test]
fn hostile_text_is_read_in_near_linear_time() {
    assert!(object("{".repeat(1 << 20).as_bytes()).is_err());
    assert!(object("[".repeat(1 << 20).as_bytes()).is_err());
    assert!(object(r#"{"a":"#.repeat(1 << 18).as_bytes()).is_err());
    assert_eq!(fault(&nested(1 << 19)), JsonFault::TooDeep);

    let same = r#","a":1"#.repeat(100_000);
    let distinct: String = (0..100_000).map(|n| format!(r#","n{n}":1"#)).collect();
    assert_eq!(
        fault(&format!("{{{}}}", &same[1..])),
        JsonFault::Duplicate("a".into())
    );
    assert_eq!(
        object(format!("{{{}}}", &distinct[1..]).as_bytes())
            .unwrap()
            .iter()
            .len(),
        100_000
    );
    for (members, accepted) in [(&same, false), (&distinct, true)] {
        let inner = format!(r#"{{"x":[{{{}}}]}}"#, &members[1..]);
        assert_eq!(object(inner.as_bytes()).is_ok(), accepted);
    }
    let many = format!(r#"{{"x":[{}0]}}"#, r#"{"a":{}},"#.repeat(100_000));
    assert!(object(many.as_bytes()).is_ok());
    let spaced = format!(r#"{{"x":["a"{}]}}"#, " ".repeat(1 << 20));
    assert!(object(spaced.as_bytes()).is_ok());
}

fn kept(text: &str) -> Members {
    let mut members = Members::default();
    for (name, value) in object(text.as_bytes()).unwrap() {
        members.keep(&name, value);
    }
    members
}

#[test]
fn members_are_kept_as_they_came() {
    let members = kept(r#"{"a": {"b" : 1.50}, "c":"hu\u0073h", "n":18446744073709551615}"#);
    assert_eq!(members.names(), ["a", "c", "n"]);
    assert_eq!(members.member("c").unwrap(), Some(String::from("hush")));
    assert_eq!(members.member("n").unwrap(), Some(u64::MAX));
    assert_eq!(members.member::<u64>("z").unwrap(), None);
    assert!(matches!(
        members.member::<u64>("c"),
        Err(JsonFault::WrongType { .. })
    ));
    assert_eq!(members.to_value()["a"]["b"], 1.5);
    let raw = read_text(&members);
    assert_eq!(
        raw,
        r#"{"a":{"b" : 1.50},"c":"hu\u0073h","n":18446744073709551615}"#
    );
}

fn read_text(members: &Members) -> String {
    let entries = members.clone();
    let all = entries.names();
    let raw = |name: &String| {
        let value: Box<RawValue> = entries.member(name).unwrap().unwrap();
        format!("{name:?}:{}", value.get())
    };
    format!("{{{}}}", all.iter().map(raw).collect::<Vec<_>>().join(","))
}

#[test]
fn no_members_are_empty() {
    let members = Members::default();
    assert!(members.is_empty());
    assert_eq!(members.names(), [""; 0]);
    assert_eq!(members.member::<u64>("a").unwrap(), None);
    assert!(members.to_value().is_empty());
    assert_eq!(serde_json::to_string(&members).unwrap(), "{}");
    assert_eq!(serde_json::from_str::<Members>("{}").unwrap(), members);
    assert!(!kept(r#"{"a":null}"#).is_empty());
}

#[test]
fn any_name_survives() {
    let names: String = (0..0x250).filter_map(char::from_u32).collect();
    let text = serde_json::to_string(&serde_json::json!({ &*names: 1, "\"": 2, "😀": 3 })).unwrap();
    let members = kept(&text);
    assert_eq!(members.member(&names).unwrap(), Some(1));
    assert_eq!(members.member("\"").unwrap(), Some(2));
    assert_eq!(members.member("😀").unwrap(), Some(3));
}

#[test]
fn equality_is_that_of_members() {
    assert_eq!(
        kept(r#"{"a":1,"b":[2]}"#),
        kept(r#"{"b":[ 2 ],"\u0061":1}"#)
    );
    assert_ne!(kept(r#"{"a":1}"#), kept(r#"{"a":2}"#));
    assert_ne!(kept(r#"{"a":1}"#), kept("{}"));
}

#[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
struct Whole {
    known: u8,
    #[serde(flatten)]
    rest: Members,
}

#[test]
fn members_are_stored_as_a_map() {
    let text = r#"{"a":[1,{"b":null}],"c":"d"}"#;
    let members = kept(text);
    assert_eq!(serde_json::to_string(&members).unwrap(), text);
    assert_eq!(serde_json::from_str::<Members>(text).unwrap(), members);
    let text = r#"{"known":1,"other":"x"}"#;
    let whole: Whole = serde_json::from_str(text).unwrap();
    assert_eq!(whole.rest, kept(r#"{"other":"x"}"#));
    assert_eq!(serde_json::to_string(&whole).unwrap(), text);
}

#[test]
fn numbers_survive_being_stored() {
    let members = kept(
        r#"{"a":0.30000000000000004,"b":121.85164520240000001,"c":2.2250738585072011e-308,
            "d":5e-324,"e":-0.0,"f":9007199254740993,"g":123456789012345678901234567890}"#,
    );
    let stored = serde_json::to_string(&members).unwrap();
    assert_eq!(serde_json::from_str::<Members>(&stored).unwrap(), members);
}

/// Digits beyond what a double holds are there until they are stored.
#[test]
fn digits_beyond_a_double_are_stored_as_the_nearest_one() {
    let digits = "123456789012345678901234567890";
    let members = kept(&format!("{{\"a\":{digits},\"b\":18446744073709551615}}"));
    let raw: Box<RawValue> = members.member("a").unwrap().unwrap();
    assert_eq!(raw.get(), digits);
    let stored = serde_json::to_string(&members).unwrap();
    let stored: Members = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        stored.member("a").unwrap(),
        Some(1.234_567_890_123_456_8e29)
    );
    assert_eq!(stored.member("b").unwrap(), Some(u64::MAX));
}

#[test]
fn stored_members_are_read_strictly() {
    assert!(serde_json::from_str::<Members>(r#"{"a":1,"a":1}"#).is_err());
    assert!(serde_json::from_str::<Members>(&nested(32)).is_ok());
    assert!(serde_json::from_str::<Members>(&nested(33)).is_err());
    assert!(serde_json::from_str::<Members>("[]").is_err());
}

#[derive(Default)]
struct Known<'a> {
    a: Option<Value<'a>>,
    b: Option<Value<'a>>,
}

impl<'a> Places<'a> for Known<'a> {
    fn place(&mut self, name: &str) -> Option<&mut Option<Value<'a>>> {
        match name {
            "a" => Some(&mut self.a),
            "b" => Some(&mut self.b),
            _ => None,
        }
    }
}

#[test]
fn known_members_go_to_their_places() {
    let text = br#"{"x":1,"\u0062":"\n","y":[2],"a":null}"#;
    let (mut known, mut others) = (Known::default(), Object::default());
    sort(text, &mut known, &mut others).unwrap();
    assert!(known.a.unwrap().is_null());
    assert_eq!(known.b.unwrap().string().unwrap(), "\n");
    let others: Vec<_> = others.iter().map(|(n, v)| (n, v.raw())).collect();
    assert_eq!(others, [("x", "1"), ("y", "[2]")]);
}

#[test]
fn known_members_are_held_to_every_rule() {
    let duplicate = |name: &str| JsonFault::Duplicate(name.to_owned());
    let nested = "[".repeat(32) + &"]".repeat(32);
    for (text, fault) in [
        (r#"{"a":null,"a":1}"#, duplicate("a")),
        (r#"{"a":1,"\u0061":1}"#, duplicate("a")),
        (r#"{"b":1,"x":1,"b":1,"x":1}"#, duplicate("b")),
        (r#"{"a":1,"x":1,"x":1}"#, duplicate("x")),
        (r#"{"a":1e400}"#, JsonFault::Unrepresentable),
        (r#"{"a":1e400,"b":1,"b":1}"#, JsonFault::Unrepresentable),
        (r#"{"a":{"x":1,"x":2}}"#, duplicate("x")),
        (&format!(r#"{{"b":{nested}}}"#), JsonFault::TooDeep),
        (
            r#"{"a":1,"a":1,}"#,
            JsonFault::Syntax {
                line: 1,
                column: 14,
            },
        ),
        (r#"["a"]"#, JsonFault::NotAnObject),
    ] {
        let (mut known, mut others) = (Known::default(), Object::default());
        let found = sort(text.as_bytes(), &mut known, &mut others);
        assert_eq!(found, Err(fault), "{text}");
    }
}
