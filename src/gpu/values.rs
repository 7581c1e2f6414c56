//! Converts between fields on the device and the values that engines return.

use std::{any::Any, sync::Arc};

use rayon::prelude::*;

use super::{Field, Gpu, GpuError};
use crate::engine::{DeviceValues, EngineError, Values};

/// A field on a device, behind the engines' interface [`DeviceValues`].
pub(super) struct OnDevice {
    pub(super) gpu: Gpu,
    pub(super) field: Field,
}

impl DeviceValues for OnDevice {
    fn len(&self) -> usize {
        self.field.n()
    }

    fn highest(&self) -> f64 {
        self.field.range().highest()
    }

    fn read(&self) -> Result<Vec<f64>, EngineError> {
        let values = self.field.read(&self.gpu)?;
        Ok(values.par_iter().map(|f| f64::from(*f)).collect())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Field {
    /// The field of an engine's `values`: unchanged if they are on this device; uploaded in single
    /// precision if they are in host memory.
    ///
    /// # Errors
    /// When it does not fit or the device fails.
    pub fn of(gpu: &Gpu, values: Values) -> Result<Self, GpuError> {
        let in_memory = match values {
            Values::Memory(values) => values,
            Values::Device(values) => match values.into_any().downcast::<OnDevice>() {
                Ok(on_device) => return Ok(on_device.field),
                Err(_) => return Err(GpuError::Device("the values lie elsewhere".to_owned())),
            },
        };
        let values: Arc<[f32]> = in_memory.par_iter().map(|f| *f as f32).collect();
        drop(in_memory);
        Self::from_values(gpu, &values)
    }
}
