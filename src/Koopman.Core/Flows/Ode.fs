namespace Koopman.Flows

open System
open System.Threading
open TorchSharp
open Koopman

/// <summary>
/// Integrates dx/dt = v(t, x) for a batch of points, in the dtype (float32 or float64) and on the device of the points, in either direction of time.
/// No gradients are recorded.
/// </summary>
[<RequireQualifiedAccess>]
module Ode =

    let private check (method: OdeMethod) (velocity: VelocityField) (times: float[]) (start: Tensor) : Outcome<unit> =
        let gaps = times |> Array.pairwise |> Array.map (fun (a, b) -> b - a)

        match method with
        | Euler n
        | Midpoint n
        | RungeKutta4 n -> Require.atLeast 1 "the number of steps" n
        | DormandPrince tolerance ->
            Require.inside 0.0 1.0 "the tolerance" tolerance
            |> Require.advise "Use a tolerance such as 1e-4"
        |> Result.bind (fun () ->
            if
                times.Length < 2
                || times |> Array.exists (Double.IsFinite >> not)
                || not (
                    gaps |> Array.forall (fun g -> g > 0.0)
                    || gaps |> Array.forall (fun g -> g < 0.0)
                )
            then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The times must be finite, at least two, and all increasing or all decreasing"
                    "Give for example [| 0.0; 1.0 |], or [| 1.0; 0.0 |] to go backwards"
            else
                Require.columns velocity.Dimension "the points" start.shape
                |> Result.bind (fun () -> velocity.CheckTold(Some(int start.shape[0]))))

    /// As trajectory, which says more; fixed steps can be cancelled at each.
    let internal trajectoryUnder
        (cancellation: CancellationToken)
        (method: OdeMethod)
        (velocity: VelocityField)
        (times: float[])
        (start: Tensor)
        : Outcome<OdeSolution> =
        use scope = Tensors.scope ()
        use _ = torch.no_grad ()

        let integrate (velocity: VelocityField) (start: Tensor) =
            match method with
            | Euler steps
            | Midpoint steps
            | RungeKutta4 steps -> FixedSteps.solve cancellation method steps velocity times start
            | DormandPrince tolerance -> AdaptiveSteps.solve tolerance velocity times start

        check method velocity times start
        |> Result.bind (fun () ->
            match velocity.Frame with
            | None -> integrate velocity start
            | Some frame ->
                // In the frame, so that steps and tolerances do not depend on the units of the data.
                let column (time: float) =
                    torch.full ([| start.shape[0]; 1L |], Tensors.num time, dtype = start.dtype, device = start.device)

                use inner = velocity.Unframed

                integrate inner (frame.Into(column times[0], start))
                |> Result.map (fun solution ->
                    { solution with
                        States =
                            torch.stack (
                                times
                                |> Array.mapi (fun i time ->
                                    if i = 0 then
                                        start
                                    else
                                        frame.OutOf(column time, solution.States.select (0L, int64 i)))
                            )
                    }))
        |> Result.map (fun solution ->
            { solution with
                States = scope.Detach solution.States
            })

    /// <summary>The points at several times, the first being that of the start. Between its own steps an adaptive method interpolates to order
    /// 4.</summary>
    /// <param name="method">The method.</param>
    /// <param name="velocity">The velocity field v.</param>
    /// <param name="times">At least two, increasing or decreasing.</param>
    /// <param name="start">Points (n, d) at the first time.</param>
    /// <returns>
    /// The points (times, n, d), which the caller disposes; a <c>Diverged</c> error if values are no longer finite, and <c>NotConverged</c> if the
    /// steps become too small to change the time.
    /// </returns>
    let trajectory
        (method: OdeMethod)
        (velocity: VelocityField)
        (times: float[])
        (start: Tensor)
        : Outcome<OdeSolution> =
        trajectoryUnder CancellationToken.None method velocity times start

    /// <summary>The points (n, d) after integration from one time to another, which may be earlier. The caller disposes them.</summary>
    /// <param name="method">The method.</param>
    /// <param name="velocity">The velocity field v.</param>
    /// <param name="from">The time of the start.</param>
    /// <param name="until">The time of the end.</param>
    /// <param name="start">Points (n, d).</param>
    let solve
        (method: OdeMethod)
        (velocity: VelocityField)
        (from: float)
        (until: float)
        (start: Tensor)
        : Outcome<Tensor> =
        trajectory method velocity [| from; until |] start
        |> Result.map (fun solution ->
            use solution = solution
            use last = solution.States.select (0L, 1L)
            last.clone().DetachFromDisposeScope())
