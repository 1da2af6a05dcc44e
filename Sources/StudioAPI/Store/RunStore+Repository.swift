package import StudioStore

/// The database is the API's repository as it is.
extension RunStore: RunRepository {}
