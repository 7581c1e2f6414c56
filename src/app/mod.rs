//! stub
pub struct Startup {
    pub params: crate::model::Params,
    pub theme: crate::model::Theme,
    pub adapter: Option<String>,
}
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    NoDisplay(String),
    #[error(transparent)]
    Gpu(#[from] crate::gpu::GpuError),
    #[error("{0}")]
    Window(String),
}
pub fn run(_: Startup) -> Result<(), AppError> {
    Ok(())
}
