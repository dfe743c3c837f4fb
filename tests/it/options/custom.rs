//! Options that the deployment declares of its own.

use roster::config::Config;
use serde_json::{Value, json};

use super::{ORG_EDIT, SAVE, Scene};
use crate::{command::Place, support::Client};

const CUSTOM: &str = "name type description min max pattern values scope default value isSet";

/// What the deployment of these tests declares.
fn declare(config: &mut Config) {
    let declarations = json!({
        "seats": { "type": "int", "description": "Paid seats.", "default": 5, "min": 1, "max": 100 },
        "region": { "type": "text", "default": "eu", "values": ["eu", "us"] },
        "costCenter": { "type": "text", "pattern": "[A-Z]{2}-[0-9]+" },
        "beta": { "type": "bool", "default": false, "scope": "org:admin" },
        "discount": { "type": "float", "min": 0, "max": 0.5 },
        "ratio": { "type": "float" },
        "tags": { "type": "texts", "max": 3, "pattern": "[a-z]+" },
    });
    config.options = serde_json::from_value(declarations).unwrap();
}

async fn start() -> Scene {
    Scene::start_with(declare).await
}

impl Scene {
    /// The option as the API shows it.
    async fn custom(&self, name: &str) -> Value {
        self.custom_for(&self.ann, name).await
    }

    async fn custom_for(&self, caller: &Client, name: &str) -> Value {
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on Organization {{ options {{ customOptions {{ {CUSTOM} }} }} }} }} }}"
        );
        let reply = caller.send(&query, json!({ "id": self.acme.id })).await.ok();
        let all = reply.data("node.options.customOptions").as_array().unwrap().clone();
        all.into_iter().find(|option| option["name"] == name).unwrap()
    }

    async fn set(&self, options: Value) -> Vec<(String, String)> {
        self.saved(json!({ "customOptions": options })).await
    }
}

fn change(option: &str, change: &str) -> (String, String) {
    (format!("customOptions.{option}"), change.into())
}

#[tokio::test]
async fn they_show_their_declaration_and_their_value() {
    let scene = start().await;
    assert_eq!(
        scene.custom("seats").await,
        json!({
            "name": "seats", "type": "INT", "description": "Paid seats.", "min": 1.0, "max": 100.0, "pattern": null,
            "values": null, "scope": "org:write", "default": 5, "value": 5, "isSet": false,
        })
    );
    assert_eq!(
        scene.custom("region").await,
        json!({
            "name": "region", "type": "TEXT", "description": null, "min": null, "max": null, "pattern": null,
            "values": ["eu", "us"], "scope": "org:write", "default": "eu", "value": "eu", "isSet": false,
        })
    );
    let cost_center = scene.custom("costCenter").await;
    assert_eq!(
        (&cost_center["default"], &cost_center["value"]),
        (&Value::Null, &Value::Null)
    );

    scene.set(json!([{ "name": "seats", "value": 20 }])).await;
    let seats = scene.custom("seats").await;
    assert_eq!((&seats["value"], &seats["isSet"]), (&json!(20), &json!(true)));
    // To whoever reads the options.
    let bob = scene.person("bob", "member").await;
    assert_eq!(scene.custom_for(&bob, "seats").await["value"], 20);
}

#[tokio::test]
async fn changes_are_tracked_as_those_of_other_options() {
    let scene = start().await;
    let before = scene.audit_count().await;

    let first = scene
        .set(json!([{ "name": "seats", "value": 20 }, { "name": "tags", "value": ["a", "b"] }]))
        .await;
    assert_eq!(first, [change("seats", "to 20"), change("tags", r#"to ["a","b"]"#)]);
    let second = scene
        .set(json!([{ "name": "seats", "value": 30 }, { "name": "tags", "value": ["a", "b"] }]))
        .await;
    assert_eq!(second, [change("seats", "from 20 to 30")]);
    let third = scene.set(json!([{ "name": "seats", "value": null }])).await;
    assert_eq!(third, [change("seats", "from 30 to null")]);
    assert_eq!(scene.custom("seats").await["value"], 5);
    let fourth = scene.set(json!([{ "name": "seats", "value": 5 }])).await;
    assert_eq!(fourth, [change("seats", "from null to 5")]);
    // Nothing, and the default: no change.
    assert_eq!(
        scene
            .set(json!([{ "name": "discount", "value": null }, { "name": "region", "value": "eu" }]))
            .await,
        []
    );
    assert_eq!(scene.custom("region").await["isSet"], true);

    assert_eq!(
        scene.audit_since(before).await,
        [
            (
                ORG_EDIT,
                json!({ "customOptions.seats": "to 20", "customOptions.tags": r#"to ["a","b"]"# })
            ),
            (ORG_EDIT, json!({ "customOptions.seats": "from 20 to 30" })),
            (ORG_EDIT, json!({ "customOptions.seats": "from 30 to null" })),
            (ORG_EDIT, json!({ "customOptions.seats": "from null to 5" })),
        ]
    );
}

#[tokio::test]
async fn what_the_declaration_does_not_allow_is_refused_and_nothing_is_saved() {
    let scene = start().await;
    for (name, values) in [
        (
            "seats",
            vec![json!(0), json!(101), json!(1.5), json!("5"), json!([5]), json!(true)],
        ),
        ("region", vec![json!("asia"), json!(1), json!("EU")]),
        ("costCenter", vec![json!("AB"), json!("xAB-1"), json!("AB-1\n")]),
        ("beta", vec![json!("true"), json!(1)]),
        ("discount", vec![json!(0.6), json!(-0.1), json!("0.1")]),
        (
            "tags",
            vec![json!(["a", "b", "c", "d"]), json!(["A"]), json!("a"), json!([1])],
        ),
    ] {
        for value in values {
            let input = json!({ "name": "New", "customOptions": [{ "name": name, "value": value }] });
            scene
                .refused(input, &[("OPTION_INVALID", "customOptions.0.value")])
                .await;
        }
    }
    let unknown = json!([{ "name": "seats", "value": 0 }, { "name": "sets", "value": 1 }]);
    let refusals = [
        ("OPTION_INVALID", "customOptions.0.value"),
        ("OPTION_UNKNOWN", "customOptions.1.name"),
    ];
    scene.refused(json!({ "customOptions": unknown }), &refusals).await;
    let twice = json!([{ "name": "seats", "value": 1 }, { "name": "seats", "value": 2 }]);
    scene
        .refused(
            json!({ "customOptions": twice }),
            &[("VALIDATION_FAILED", "customOptions.1.name")],
        )
        .await;
    scene
        .refused(
            json!({ "customOptions": null }),
            &[("VALIDATION_FAILED", "customOptions")],
        )
        .await;
}

#[tokio::test]
async fn some_need_more_than_others() {
    let scene = start().await;
    let manager = scene.person("mia", "manager").await.seen().await;
    let set = |name: &str, value: Value| json!({ "customOptions": [{ "name": name, "value": value }] });
    scene
        .refused_for(
            &manager,
            set("beta", json!(true)),
            &[("FORBIDDEN", "customOptions.0.name")],
        )
        .await;
    manager
        .save_options(&scene.acme, set("seats", json!(7)))
        .await
        .done(SAVE);
    scene.saved(set("beta", json!(true))).await;
    assert_eq!(scene.custom("beta").await["value"], true);
}

#[tokio::test]
async fn a_value_that_a_new_declaration_does_not_allow_counts_as_not_set() {
    let scene = start().await;
    scene
        .set(json!([{ "name": "seats", "value": 90 }, { "name": "region", "value": "us" }]))
        .await;
    let node = scene.app.node_with(|config| {
        let seats = json!({ "seats": { "type": "int", "default": 5, "max": 50 } });
        config.options = serde_json::from_value(seats).unwrap();
    });
    let node = node.await;
    let ann = scene.ann.at(&node);
    let seats = scene.custom_for(&ann, "seats").await;
    assert_eq!((&seats["value"], &seats["isSet"]), (&json!(5), &json!(false)));
    let input = json!({ "customOptions": [{ "name": "seats", "value": 40 }] });
    let reply = ann.save_options(&scene.acme, input).await.done(SAVE);
    assert_eq!(reply.changes(), [change("seats", "from 90 to 40")]);
}

#[test]
fn declarations_are_read_from_the_file_and_checked() {
    let place = |text: &str| {
        let place = Place::new();
        std::fs::write(place.path().join("roster.toml"), text).unwrap();
        place
    };
    let good =
        "[options.seats]\ntype = \"int\"\ndefault = 5\nmin = 1\n[options.tags]\ntype = \"texts\"\nvalues = [\"a\"]";
    place(good).run(&["check-config"]).ok();
    for (bad, why) in [
        ("[options.seats]\ntype = \"number\"", "options.seats.type"),
        ("[options.seats]\ntype = \"int\"\nmaximum = 1", "options.seats.maximum"),
        (
            "[options.seats]\ntype = \"int\"\ndefault = \"5\"",
            "options.seats: default",
        ),
        (
            "[options.seats]\ntype = \"text\"\npattern = \"(\"",
            "options.seats: pattern",
        ),
        ("[options.\"a b\"]\ntype = \"int\"", "options.a b"),
    ] {
        let said = place(bad).run(&["check-config"]).failed();
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn what_is_saved_again_is_no_change_however_the_database_spells_it() {
    let scene = Scene::start_with(|config| {
        let declarations = json!({ "budget": { "type": "float" } });
        config.options = serde_json::from_value(declarations).unwrap();
    })
    .await;
    for budget in [json!(1e16), json!(0.1), json!(5)] {
        scene.set(json!([{ "name": "budget", "value": budget }])).await;
        let again = scene.set(json!([{ "name": "budget", "value": budget }])).await;
        assert_eq!(again, [], "{budget}");
    }
}

#[tokio::test]
async fn numbers_come_back_to_the_last_digit() {
    let scene = start().await;
    for number in [
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        8.168_641_109_273_947e-246,
        0.976_976_674_266_743_3,
        1e22,
        -0.1,
    ] {
        let option = json!({ "name": "ratio", "value": number });
        assert_eq!(scene.set(json!([option])).await.len(), 1, "{number}");
        assert_eq!(scene.custom("ratio").await["value"].as_f64(), Some(number));
        assert_eq!(scene.set(json!([option])).await, [], "{number} is what it was");
    }
}
