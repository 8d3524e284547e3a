//! The end-session endpoint: where it sends the browser, and what it refuses.

use super::*;

const BYE: &str = "https://app.example/bye";

fn parties() -> Provider {
    let app = ClientRecord::public("app").redirect(CALLBACK);
    Provider::new(ISSUER).with(app.post_logout_redirect(BYE))
}

fn logout(provider: &mut Provider, form: &Form) -> Landing {
    let url = format!("{ISSUER}/logout?{}", form.text());
    Browser::new().visit(provider, NOW, &url)
}

fn good() -> Form {
    Form::new(&[
        ("client_id", "app"),
        ("post_logout_redirect_uri", BYE),
        ("state", "xyz"),
    ])
}

#[test]
fn the_user_comes_back_with_the_state_and_nothing_is_left() {
    let mut provider = parties();
    let tokens = sign_in(&mut provider);
    let landing = logout(&mut provider, &good());
    assert_eq!(landing.url, format!("{BYE}?state=xyz"));
    assert!(!provider.honours(NOW, text(&tokens, "access_token")));
    assert!(!provider.honours(NOW, text(&tokens, "refresh_token")));
    assert_no_complaint(&provider);
}

#[test]
fn the_user_stays_where_there_is_nowhere_to_go() {
    let mut provider = parties();
    let landing = logout(&mut provider, &Form::new(&[("client_id", "app")]));
    assert_eq!(landing.page.unwrap().status(), 200);
    assert_no_complaint(&provider);
}

#[test]
fn a_request_that_is_wrong_is_refused_on_a_page() {
    for (form, about) in [
        (good().without("client_id"), "client_id is missing"),
        (good().set("client_id", "ghost"), "no client ghost"),
        (
            good().set("post_logout_redirect_uri", "https://app.example/bye/"),
            "not registered",
        ),
        (
            good().without("post_logout_redirect_uri"),
            "state without a post_logout_redirect_uri",
        ),
        (good().and("state", "xyz"), "state comes twice"),
    ] {
        let mut provider = parties();
        let landing = logout(&mut provider, &form);
        assert_eq!(landing.page.unwrap().status(), 400, "{about}");
        assert_complaint(&provider, about);
    }
}
