//! What a macro use knows of itself.

mod site;

pub use self::site::Site;
