namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// <summary>The method of integration of an ordinary differential equation. Steps of fixed length are counted over the whole span of times.</summary>
[<Struct>]
type OdeMethod =
    /// <summary>Euler's method, order 1, one evaluation a step.</summary>
    | Euler of eulerSteps: int
    /// <summary>The midpoint rule, order 2, two evaluations a step.</summary>
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
        /// <summary>The points at each of the requested times, (times, n, d). The caller disposes of it.</summary>
        States: Tensor
        /// <summary>The number of evaluations of the velocities of the whole batch.</summary>
        Evaluations: int
        /// <summary>Steps made.</summary>
        Steps: int
        /// <summary>Steps of an adaptive method that were tried and thrown away.</summary>
        Rejected: int
    }

    interface IDisposable with
        /// <summary>Frees the points.</summary>
        member this.Dispose() : unit = this.States.Dispose()
