namespace Koopman

open System
open System.Numerics
open System.Threading
open TorchSharp

/// The starting point of the fit of exponentials, which determines the minimum it finds.
[<RequireQualifiedAccess>]
module internal ExponentialStart =

    /// <summary>
    /// Exponents from z(t') - z(t) ≈ Aᵀ∫z over windows of some steps, by the trapezoidal rule: the noise does not grow as
    /// the steps shrink, and long windows average it. Stretches with fewer states than a window are not used.
    /// </summary>
    let private guess (window: int) (series: ExponentialFit.Series[]) : Outcome<float[]> =
        let series = series |> Array.filter (fun one -> one.Times.Length > window)

        let sides (one: ExponentialFit.Series) =
            let n = one.Times.Length

            let steps =
                (Tensors.ofVector (Array.pairwise one.Times |> Array.map (fun (a, b) -> b - a))).unsqueeze 1L

            let middle =
                0.5 * (Tensors.rows 0 (n - 1) one.Values + Tensors.rows 1 (n - 1) one.Values)

            let zero = torch.zeros (1L, one.Values.shape[1], dtype = torch.float64)
            let integral = torch.cat ([| zero; (middle * steps).cumsum 0L |], 0L)

            let over (path: Tensor) =
                (Tensors.rows window (n - window) path - Tensors.rows 0 (n - window) path)
                * (Tensors.rows 0 (n - window) one.Share).unsqueeze 1L

            over integral, over one.Values

        let integrals, differences = series |> Array.map sides |> Array.unzip

        let step =
            series
            |> Array.collect (fun one -> Array.pairwise one.Times |> Array.map (fun (a, b) -> b - a))
            |> Array.average

        DmdData.regress (torch.cat (integrals, 0L)) (torch.cat (differences, 0L))
        |> Result.map (fun matrix ->
            let values = torch.linalg.eigvals matrix
            // On equal steps the error of the rule is known exactly: e^{μh} = (1 + z)/(1 - z) with z = μ_A h/2.
            let exponent (re: float) (im: float) =
                let z = Complex(re, im) * Complex(0.5 * step, 0.0)
                let log = Complex.Log((Complex.One + z) / (Complex.One - z))

                let real =
                    if Double.IsFinite log.Real then
                        Math.Clamp(log.Real, -3.0, 3.0)
                    else
                        0.0

                Complex(real / step, (if im = 0.0 then 0.0 else log.Imaginary / step))

            Array.map2 exponent (Tensors.toArray values.real) (Tensors.toArray values.imag)
            |> ExponentialBasis.parameters)

    /// The fit from the best of several starting points; from the next best if it does not converge.
    let best
        (iterations: int)
        (cancellation: CancellationToken)
        (count: int)
        (series: ExponentialFit.Series[])
        : Outcome<ExponentialFit.Solution> =
        let longest = series |> Array.map (fun one -> one.Times.Length) |> Array.max

        let windows =
            1 :: List.unfold (fun w -> if w <= longest / 4 then Some(w, 2 * w) else None) 2

        let starts =
            windows
            |> List.choose (fun window -> guess window series |> Result.toOption)
            |> List.sortBy (ExponentialFit.misfit count series)
            |> List.truncate 3

        let attempts =
            starts |> Seq.map (ExponentialFit.solve iterations cancellation count series)

        match attempts |> Seq.tryFind (fun solution -> solution.Converged) with
        | Some solution -> Ok solution
        | None when starts.IsEmpty ->
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"The states do not vary independently in {count} directions"
                "Lower the rank"
        | None ->
            KoopmanError.fail
                ErrorKind.NotConverged
                $"The {count} exponents did not converge within {iterations} iterations"
                "Lower the rank, because exponents that fit noise diverge; or raise Iterations"
