//! A form as it is posted.

use oauth_proto::endpoint::Operation;

use crate::common::moment::NOW;

/// The request of an operation, which is a form posted as every such form is, with the credentials of
/// the client of the examples in their one place.
pub(crate) fn form(operation: &impl Operation) -> String {
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["accept"], "application/json");
    let content_type = &request.headers()["content-type"];
    assert_eq!(content_type, "application/x-www-form-urlencoded");
    let credentials = "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";
    assert_eq!(request.headers()["authorization"], credentials);
    let body = String::from_utf8(request.body().clone()).unwrap();
    for elsewhere in ["client_id=", "client_secret="] {
        assert!(!body.contains(elsewhere), "{body}");
    }
    body
}
