//! Files that a section names. They stand beside the file of the section, or below its directory,
//! and belong to the list as if what they hold stood in it.

use std::sync::Arc;

/// Gives the files that stand beside the one that is being read.
pub trait Beside {
    /// The content of the file `name`: a path from the directory of the file that is being read,
    /// with `/` between its parts.
    ///
    /// # Errors
    /// Why there is none, to follow "the file".
    fn read(&mut self, name: &str) -> Result<Arc<[u8]>, NotRead>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// The name is none that may stand there.
    Name(&'static str),
    File(String),
}

/// Nothing stands beside.
impl Beside for () {
    fn read(&mut self, _name: &str) -> Result<Arc<[u8]>, NotRead> {
        Err(NotRead::File("cannot be read here".to_owned()))
    }
}
