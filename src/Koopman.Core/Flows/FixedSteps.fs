namespace Koopman.Flows

open System
open System.Threading
open TorchSharp
open Koopman

/// Integration with fixed step size.
[<RequireQualifiedAccess>]
module internal FixedSteps =

    let blownUp (time: float) : KoopmanError =
        KoopmanError.create
            ErrorKind.Diverged
            $"The points diverged at time {time:G4}"
            "Use more steps, a smaller tolerance or an adaptive method; if that does not help, the velocity itself is not finite"

    /// x + h Σ w_i k_i over the weights that are not 0.
    let combine (x: Tensor) (h: float) (weights: float[]) (slopes: Tensor[]) : Tensor =
        let mutable sum = x

        for i in 0 .. weights.Length - 1 do
            if weights[i] <> 0.0 then
                sum <- sum.add (slopes[i], Tensors.num (h * weights[i]))

        sum

    let private fixedStep (method: OdeMethod) (velocity: VelocityField) (t: float) (h: float) (x: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let first = velocity.At(t, x)

            match method with
            | Midpoint _ ->
                let middle = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| first |])
                combine x h [| 1.0 |] [| middle |]
            | RungeKutta4 _ ->
                let second = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| first |])
                let third = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| second |])
                let fourth = velocity.At(t + h, combine x h [| 1.0 |] [| third |])
                combine x h [| 1.0 / 6.0; 1.0 / 3.0; 1.0 / 3.0; 1.0 / 6.0 |] [| first; second; third; fourth |]
            | _ -> combine x h [| 1.0 |] [| first |])

    let private evaluationsOf (method: OdeMethod) : int =
        match method with
        | Euler _ -> 1
        | Midpoint _ -> 2
        | RungeKutta4 _ -> 4
        | DormandPrince _ -> 6

    let solve
        (cancellation: CancellationToken)
        (method: OdeMethod)
        (steps: int)
        (velocity: VelocityField)
        (times: float[])
        (start: Tensor)
        =
        let span = abs (Array.last times - times[0])
        let states = ResizeArray [ start ]
        let mutable made = 0
        let mutable failure = None

        for i in 1 .. times.Length - 1 do
            if failure.IsNone then
                let gap = times[i] - times[i - 1]
                // The slack prevents an additional step due to rounding of the times.
                let count = max 1 (int (ceil (float steps * abs gap / span - 1e-6)))
                let h = gap / float count
                let mutable x = states[i - 1]

                for k in 0 .. count - 1 do
                    cancellation.ThrowIfCancellationRequested()
                    let next = fixedStep method velocity (times[i - 1] + float k * h) h x

                    if k > 0 then
                        x.Dispose()

                    x <- next

                made <- made + count
                states.Add x

                if not (Tensors.isFinite x) then
                    failure <- Some(blownUp times[i])

        match failure with
        | Some error -> Error error
        | None ->
            Ok
                {
                    States = torch.stack (states, 0L)
                    Evaluations = made * evaluationsOf method
                    Steps = made
                    Rejected = 0
                }
