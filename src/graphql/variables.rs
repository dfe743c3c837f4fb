//! The values of variables, checked against their types before anything runs.
//!
//! The library looks at a value when the field runs that uses it; by then an
//! earlier mutation of the same document may have been committed.

use async_graphql::{
    InputType, Request, ServerError, ServerResult, Value, Variables,
    parser::types::{BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, Type},
    registry::{MetaType, Registry},
};
use chrono::{DateTime, Utc};

use super::error::refusal;

/// Refuses a request whose variables are not all there, or are not what the
/// operation declares.
///
/// # Errors
/// `BAD_USER_INPUT`, with the place in the variable.
pub fn check(request: &mut Request, registry: &Registry) -> ServerResult<()> {
    let (name, variables) = (request.operation_name.clone(), request.variables.clone());
    let Ok(document) = request.parsed_query() else {
        // Parsing it again tells why.
        return Ok(());
    };
    operation_of(document, name.as_deref()).map_or(Ok(()), |operation| check_all(operation, &variables, registry))
}

/// The operation that would run; `None` if that is not clear, which the
/// execution then refuses.
pub fn operation_of<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.values();
            operations
                .next()
                .filter(|_| operations.next().is_none())
                .map(|operation| &operation.node)
        }
    }
}

fn check_all(operation: &OperationDefinition, variables: &Variables, registry: &Registry) -> ServerResult<()> {
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let (name, of) = (&definition.name.node, &definition.var_type.node);
        let wrong = match variables.get(name) {
            None if of.nullable || definition.default_value.is_some() => None,
            None => Some(format!("The variable ${name} is missing.")),
            Some(value) => fault(registry, of, value, &format!("${name}")),
        };
        if let Some(message) = wrong {
            return Err(refused(message));
        }
    }
    Ok(())
}

fn refused(message: String) -> ServerError {
    refusal("BAD_USER_INPUT", message)
}

/// Why `value`, which stands at `place`, is not of this type.
fn fault(registry: &Registry, of: &Type, value: &Value, place: &str) -> Option<String> {
    if *value == Value::Null {
        return (!of.nullable).then(|| format!("{place} must not be null."));
    }
    match (&of.base, value) {
        (BaseType::List(entry), Value::List(values)) => values
            .iter()
            .enumerate()
            .find_map(|(index, value)| fault(registry, entry, value, &format!("{place}[{index}]"))),
        // One value stands for a list of one.
        (BaseType::List(entry), value) => fault(registry, entry, value, place),
        (BaseType::Named(name), value) => match registry.types.get(name.as_str())? {
            MetaType::InputObject {
                input_fields, oneof, ..
            } => {
                let Value::Object(given) = value else {
                    return Some(format!("{place} must be an object of type {name}."));
                };
                if let Some(unknown) = given.keys().find(|field| !input_fields.contains_key(field.as_str())) {
                    return Some(format!("{place} has no field {unknown}."));
                }
                if *oneof && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
                    return Some(format!("{place} must have exactly one field."));
                }
                input_fields.values().find_map(|field| {
                    let of = Type::new(&field.ty)?;
                    let place = format!("{place}.{}", field.name);
                    match given.get(field.name.as_str()) {
                        Some(value) => fault(registry, &of, value, &place),
                        None if of.nullable || field.default_value.is_some() => None,
                        None => Some(format!("{place} is missing.")),
                    }
                })
            }
            MetaType::Enum { enum_values, .. } => {
                let is_known = match value {
                    Value::String(value) => enum_values.contains_key(value),
                    Value::Enum(value) => enum_values.contains_key(value.as_str()),
                    _ => false,
                };
                (!is_known).then(|| format!("{place} must be one of {name}."))
            }
            MetaType::Scalar { is_valid, .. } => {
                // For these the library's own check is too generous.
                let is_good = match name.as_str() {
                    "Int" => i32::parse(Some(value.clone())).is_ok(),
                    "DateTime" => DateTime::<Utc>::parse(Some(value.clone())).is_ok(),
                    _ => is_valid.as_ref().is_none_or(|is_valid| is_valid(value)),
                };
                (!is_good).then(|| format!("{place} must be of type {name}."))
            }
            // No variable can have an output type; validation says so.
            _ => None,
        },
    }
}
