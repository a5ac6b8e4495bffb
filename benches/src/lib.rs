//! What do the measuring programs share? The work that chaos is made over.

pub mod work;
