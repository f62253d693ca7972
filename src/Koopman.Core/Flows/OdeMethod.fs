namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// <summary>The method of integration of an ordinary differential equation. The number of fixed steps is that over the whole time span.</summary>
[<Struct>]
type OdeMethod =
    /// <summary>Euler's method, order 1, one evaluation per step.</summary>
    | Euler of eulerSteps: int
    /// <summary>The midpoint rule, order 2, two evaluations per step.</summary>
    | Midpoint of midpointSteps: int
    /// <summary>The classical Runge–Kutta method: order 4, four evaluations per step.</summary>
    | RungeKutta4 of rungeKuttaSteps: int
    /// <summary>
    /// Dormand–Prince 5(4) with adaptive steps, six evaluations per step: the root mean square over the batch of error/(tolerance (1 + |x|)) stays
    /// below 1 in every step.
    /// </summary>
    | DormandPrince of tolerance: float

/// <summary>Points along a flow.</summary>
[<NoComparison; NoEquality>]
type OdeSolution =
    {
        /// <summary>The points at each of the requested times, (times, n, d). The caller disposes it.</summary>
        States: Tensor
        /// <summary>The number of velocity evaluations of the whole batch.</summary>
        Evaluations: int
        /// <summary>Steps done.</summary>
        Steps: int
        /// <summary>Rejected steps of an adaptive method.</summary>
        Rejected: int
    }

    interface IDisposable with
        /// <summary>Frees the points.</summary>
        member this.Dispose() : unit = this.States.Dispose()
