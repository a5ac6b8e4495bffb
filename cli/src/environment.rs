//! What does a variable of the environment say? An empty one is how a compose file says "not set".

use std::env;

/// The text of a variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}
