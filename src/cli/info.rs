//! `sigmascope info`: the adapters of this machine with their limits, and the engines.

use clap::Args;
use serde::Serialize;

use super::Failure;
use crate::{
    gpu::{AdapterSummary, adapters},
    model::EngineChoice,
};

/// Flags of `info`.
#[derive(Args, Clone, Copy, Debug)]
pub struct Info {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    adapters: Vec<AdapterSummary>,
    engines: Vec<EngineInfo>,
}

#[derive(Serialize)]
struct EngineInfo {
    name: &'static str,
    description: &'static str,
}

impl Info {
    /// Runs the command.
    ///
    /// # Errors
    /// When the report cannot be written.
    pub fn run(self) -> Result<(), Failure> {
        let report = Report {
            version: env!("CARGO_PKG_VERSION"),
            adapters: adapters(),
            engines: EngineChoice::ALL
                .iter()
                .map(|e| EngineInfo { name: e.name(), description: e.label() })
                .collect(),
        };
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report).map_err(Failure::failed)?);
            return Ok(());
        }
        println!("sigmascope {}\n\nAdapters, best first:", report.version);
        if report.adapters.is_empty() {
            println!("  none: install a Vulkan, Metal, DirectX 12 or OpenGL driver");
        }
        for adapter in &report.adapters {
            let AdapterSummary { driver, usable, limits, .. } = adapter;
            let note = if *usable { "" } else { "  [not usable: no compute shaders]" };
            println!("  {}{note}", adapter.title());
            println!("      driver                {driver}");
            let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
            println!("      largest buffer        {}", mib(limits.max_buffer_size));
            println!("      largest binding       {}", mib(limits.max_storage_buffer_binding_size));
            println!("      largest texture side  {} px", limits.max_texture_dimension_2d);
            println!("      workgroup memory      {} B", limits.max_compute_workgroup_storage_size);
        }
        println!("\nEngines:");
        for engine in &report.engines {
            println!("  {:<8} {}", engine.name, engine.description);
        }
        Ok(())
    }
}
