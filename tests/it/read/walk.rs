//! The served schema, walked: documents that ask for everything there is.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::Client;

/// The introspection query of graphql-js with every option on.
pub const INTROSPECTION: &str = "
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
        kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
    }";

/// The types of the served schema, by name.
pub struct Schema {
    types: HashMap<String, Value>,
}

impl Schema {
    /// As the server tells it.
    pub async fn of(client: &Client) -> Self {
        let reply = client.send(INTROSPECTION, json!({})).await.ok();
        let types = reply.data("__schema.types").as_array().unwrap().iter();
        Self {
            types: types
                .map(|one| (one["name"].as_str().unwrap().to_owned(), one.clone()))
                .collect(),
        }
    }

    /// A type by name.
    pub fn named(&self, name: &str) -> &Value {
        self.types.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    /// The names of all types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// The fields of an object, an interface or an input.
    pub fn fields(&self, name: &str) -> &[Value] {
        let of = self.named(name);
        let fields = of["fields"].as_array().or(of["inputFields"].as_array());
        fields.map_or(&[], Vec::as_slice)
    }

    /// A selection of one field of the type, with everything below it. Types do
    /// not come again below themselves, and pages show their nodes only.
    /// `arguments` tells with which arguments a field is asked: on the first two
    /// levels once for each of them, besides once without.
    pub fn only(&self, name: &str, field: &str, arguments: &dyn Fn(&str, &str) -> Vec<String>) -> String {
        self.select_some(name, Some(field), &mut Vec::new(), arguments)
    }

    fn select(&self, name: &str, above: &mut Vec<String>, arguments: &dyn Fn(&str, &str) -> Vec<String>) -> String {
        self.select_some(name, None, above, arguments)
    }

    fn select_some(
        &self,
        name: &str,
        only: Option<&str>,
        above: &mut Vec<String>,
        arguments: &dyn Fn(&str, &str) -> Vec<String>,
    ) -> String {
        above.push(name.to_owned());
        let mut parts = vec!["__typename".to_owned()];
        if self.named(name)["kind"] == "INTERFACE" {
            for possible in self.named(name)["possibleTypes"].as_array().unwrap() {
                let possible = possible["name"].as_str().unwrap();
                if !above.iter().any(|one| one == possible) {
                    parts.push(format!(
                        "... on {possible} {{ {} }}",
                        self.select(possible, above, arguments)
                    ));
                }
            }
        }
        for field in self.fields(name) {
            let field_name = field["name"].as_str().unwrap();
            if only.is_some_and(|only| only != field_name) {
                continue;
            }
            let kind = innermost(&field["type"]);
            let target = kind["name"].as_str().unwrap();
            let is_leaf = matches!(kind["kind"].as_str(), Some("SCALAR" | "ENUM"));
            if matches!(field_name, "edges" | "pageInfo") || above.iter().any(|one| one == target) {
                continue;
            }
            let selection = match is_leaf {
                true => String::new(),
                false => format!("{{ {} }}", self.select(target, above, arguments)),
            };
            let mut variants = arguments(name, field_name);
            // Further down one is enough, lest the document explode.
            variants.truncate(if above.len() > 2 { 1 } else { usize::MAX });
            let is_required =
                |argument: &Value| argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
            let required = field["args"].as_array().unwrap().iter().any(is_required);
            assert!(
                !required || !variants.is_empty(),
                "teach this test the arguments of {name}.{field_name}"
            );
            if !required {
                parts.push(format!("{field_name} {selection}"));
            }
            if !required && above.len() > 2 {
                continue;
            }
            for (number, arguments) in variants.iter().enumerate() {
                parts.push(format!("{field_name}_{number}: {field_name}({arguments}) {selection}"));
            }
        }
        above.pop();
        parts.join(" ")
    }
}

/// The type inside of lists and non-nulls.
pub fn innermost(of: &Value) -> &Value {
    match of["ofType"].is_null() {
        true => of,
        false => innermost(&of["ofType"]),
    }
}
