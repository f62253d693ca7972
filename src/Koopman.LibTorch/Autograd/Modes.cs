using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    /// <summary>Records or stops recording the graph on this thread, and restores what was before.</summary>
    internal sealed class GradMode : IDisposable
    {
        private readonly int before = kt_grad_enabled();

        internal GradMode(bool enabled) => kt_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => kt_set_grad_enabled(before);
    }

    /// <summary>libtorch's inference mode; ends on the thread that began it, hence without a finaliser.</summary>
    internal sealed class InferenceMode : IDisposable
    {
        private nint guard;

        internal InferenceMode(bool enabled)
        {
            guard = kt_inference_guard(enabled ? 1 : 0);
            if (guard == 0) throw Failure();
        }

        public void Dispose()
        {
            if (guard == 0) return;
            kt_inference_guard_free(guard);
            guard = 0;
        }
    }

    /// <summary>Makes the backward pass name the forward operation behind a failure, process-wide; slow. Disposing restores what was before.</summary>
    public class AnomalyMode : IDisposable
    {
        private readonly int before = kt_anomaly_enabled();
        private readonly int checkedBefore = kt_anomaly_checks_nan();

        /// <summary>Switches the mode on or off; <paramref name="check_nan"/> makes NaN in a gradient a failure.</summary>
        public AnomalyMode(bool enabled, bool check_nan = true) => kt_set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

        /// <summary>Whether the mode is on.</summary>
        public static bool IsEnabled => kt_anomaly_enabled() != 0;

        /// <summary>Whether NaN in a gradient is a failure while the mode is on.</summary>
        public static bool ShouldCheckNaN => kt_anomaly_checks_nan() != 0;

        /// <summary>Restores the mode that was before.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Restores the mode that was before.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (disposing) kt_set_anomaly(before, checkedBefore);
        }
    }

    public static partial class torch
    {
        /// <summary>Stops recording the graph on this thread until disposed.</summary>
        public static IDisposable no_grad() => new GradMode(false);

        /// <summary>Records the graph on this thread (or not) until disposed.</summary>
        public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

        /// <summary>Records the graph on this thread (or not) until disposed.</summary>
        public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

        /// <summary>Whether this thread records the graph.</summary>
        public static bool is_grad_enabled() => kt_grad_enabled() != 0;

        /// <summary>Neither graph nor version counting on this thread until disposed: a faster <see cref="no_grad"/>.</summary>
        public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

        /// <summary>Whether this thread is in inference mode.</summary>
        public static bool is_inference_mode_enabled() => kt_inference_enabled() != 0;
    }
}
