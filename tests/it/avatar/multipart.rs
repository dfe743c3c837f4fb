//! Requests with files, good and hostile.

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{SAVE, acme, red};
use crate::{jobs::eventually, support::TestApp};

const QUERY: &str = r#"{"query": "mutation($a: Upload) { saveViewerAvatar(input: {avatar: $a}) { user { id } userErrors { code } } }", "variables": {"a": null}}"#;
const MAP: &str = r#"{"0": ["variables.a"]}"#;

#[tokio::test]
async fn what_is_no_multipart_request_is_refused_and_runs_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let file = red();
    let file = file.as_slice();
    let cases: &[&[(&str, &[u8])]] = &[
        &[],
        &[("operations", QUERY.as_bytes())],
        &[("map", MAP.as_bytes()), ("0", file)],
        &[("operations", b"{"), ("map", MAP.as_bytes()), ("0", file)],
        &[("operations", b"[]"), ("map", MAP.as_bytes()), ("0", file)],
        &[("operations", QUERY.as_bytes()), ("map", b"[]"), ("0", file)],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": "variables.a"}"#),
            ("0", file),
        ],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"1": ["variables.a"]}"#),
            ("0", file),
        ],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": ["variables.b"]}"#),
            ("0", file),
        ],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": ["variables.a.b"]}"#),
            ("0", file),
        ],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": ["query"]}"#),
            ("0", file),
        ],
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": ["variables"]}"#),
            ("0", file),
        ],
        // The second would take the place of the first.
        &[
            ("operations", QUERY.as_bytes()),
            ("map", br#"{"0": ["variables.a", "variables.a"]}"#),
            ("0", file),
        ],
    ];
    for parts in cases {
        let reply = app.unchanged(ann.post_parts(parts)).await;
        let names: Vec<_> = parts
            .iter()
            .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes[..bytes.len().min(60)])))
            .collect();
        assert_eq!(
            (reply.status, reply.error_codes()),
            (400, vec!["BAD_USER_INPUT".to_owned()]),
            "{names:?}"
        );
    }
    ann.post_parts(&[("operations", QUERY.as_bytes()), ("map", MAP.as_bytes()), ("0", file)])
        .await
        .done("saveViewerAvatar");
}

#[tokio::test]
async fn too_much_is_refused() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let (huge, large) = (vec![0; 11 * 1024 * 1024], vec![b' '; 2 * 1024 * 1024]);
    for parts in [
        [
            ("operations", QUERY.as_bytes()),
            ("map", MAP.as_bytes()),
            ("0", huge.as_slice()),
        ],
        [("operations", large.as_slice()), ("map", MAP.as_bytes()), ("0", b"x")],
        [("operations", QUERY.as_bytes()), ("map", large.as_slice()), ("0", b"x")],
    ] {
        let reply = app.unchanged(ann.post_parts(&parts)).await;
        assert_eq!(reply.status, 413);
    }
    // Nobody has no use for files.
    let parts = [
        ("operations", QUERY.as_bytes()),
        ("map", MAP.as_bytes()),
        ("0", large.as_slice()),
    ];
    let request = app.anonymous().parts_request(&parts).header("graphql-preflight", "1");
    assert_eq!(request.send().await.unwrap().status(), 413);
    let names: Vec<_> = (0..20).map(|index| index.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    assert_eq!(ann.post_parts(&many).await.status, 400);
}

#[tokio::test]
async fn a_form_on_a_page_of_somebody_else_is_not_heard() {
    let app = TestApp::start().await;
    let parts = [
        ("operations", br#"{"query": "{ service { version } }"}"#.as_slice()),
        ("map", b"{}"),
    ];
    let nobody = app.anonymous();
    let plain = nobody.parts_request(&parts).send().await.unwrap();
    assert_eq!(plain.status(), 400);
    for header in ["graphql-preflight", "apollo-require-preflight", "x-requested-with"] {
        let asked = nobody
            .parts_request(&parts)
            .header(header, "true")
            .send()
            .await
            .unwrap();
        assert_eq!(asked.status(), 200, "{header}");
    }
}

#[tokio::test]
async fn only_an_upload_takes_a_file_and_it_takes_nothing_else() {
    let (app, acme, ann) = acme().await;
    for text in ["0", "", "#__graphql_file__:0", "#__graphql_file__:x", "/etc/passwd"] {
        let input = json!({ "organizationId": acme.id, "avatar": text });
        let reply = app.unchanged(ann.mutate(SAVE, "organization { id }", input)).await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{text}");
    }
    // Nobody but the server can write what stands for a file.
    let input = json!({ "organizationId": acme.id, "avatar": { "file": "0" } });
    let reply = app.unchanged(ann.mutate(SAVE, "organization { id }", input)).await;
    assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"]);
    // A file in place of a name, and of an object of any shape.
    let query = "mutation($i: SaveOrgOptionsInput!) { saveOrgOptions(input: $i) { userErrors { code } } }";
    let variables = json!({ "i": { "organizationId": acme.id, "relayPiiConfig": null } });
    let operations = json!({ "query": query, "variables": variables }).to_string();
    let parts = [
        ("operations", operations.as_bytes()),
        ("map", br#"{"0": ["variables.i.relayPiiConfig"]}"#.as_slice()),
        ("0", b"x"),
    ];
    let reply = app.unchanged(ann.post_parts(&parts)).await;
    assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"]);
    let variables = json!({ "i": { "organizationId": acme.id, "name": null } });
    let operations = json!({ "query": query, "variables": variables }).to_string();
    let parts = [
        ("operations", operations.as_bytes()),
        ("map", br#"{"0": ["variables.i.name"]}"#.as_slice()),
        ("0", b"x"),
    ];
    let reply = app.unchanged(ann.post_parts(&parts)).await;
    assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"]);
    let input = json!({ "organizationId": acme.id, "avatar": 1 });
    assert_eq!(
        ann.mutate(SAVE, "organization { id }", input).await.error_codes(),
        ["BAD_USER_INPUT"]
    );
}

#[tokio::test]
async fn files_of_all_requests_share_what_room_there_is() {
    const CODE: &str = "saveViewerAvatar.userErrors.0.code";
    let app = TestApp::start_with(|config| config.limits.uploads_bytes_max = 300_000).await;
    let ann = app.person("ann").seen().await;
    let file = vec![0; 200_000];
    let sends = async || {
        let parts = [
            ("operations", QUERY.as_bytes()),
            ("map", MAP.as_bytes()),
            ("0", &file[..]),
        ];
        ann.post_parts(&parts).await
    };
    // There is room for one, and it is given back.
    for _ in 0..3 {
        assert_eq!(sends().await.data(CODE), "AVATAR_INVALID_FORMAT");
    }

    // Somebody begins to send one, and goes on thinking about it.
    let mut slow = TcpStream::connect(ann.url().strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: roster\r\nAuthorization: Bearer {}\r\nContent-Length: 250000\r\n\
         Content-Type: multipart/form-data; boundary=cut\r\n\r\n\
         --cut\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.png\"\r\n\r\n",
        ann.bearer().unwrap()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(&file).await.unwrap();
    eventually("the room is used up", || async {
        let reply = app.unchanged(sends()).await;
        (reply.status == 503).then(|| assert_eq!(reply.error_codes(), ["RATE_LIMITED"]))
    })
    .await;
    ann.send("{ viewer { user { id } } }", json!({})).await.ok();

    drop(slow);
    eventually("there is room again", || async {
        let reply = sends().await;
        (reply.status == 200).then(|| assert_eq!(reply.data(CODE), "AVATAR_INVALID_FORMAT"))
    })
    .await;
}
