namespace Koopman

open System
open TorchSharp

/// <summary>Which operator the eigenvalues of a spectrum belong to, and what turns them into rates.</summary>
type Convention =
    /// <summary>λ of the propagator K_τ = e^{-τL}; the rate is -log(λ)/τ.</summary>
    | PropagatorAtLag of lag: float
    /// <summary>η of the positive generator L = -TΔ + ∇V·∇; the rate is η.</summary>
    | PositiveGenerator of temperature: float

    /// <summary>The eigenvalue of a rate.</summary>
    member this.EigenvalueOf(rate: float) : float =
        match this with
        | PropagatorAtLag lag -> exp (-rate * lag)
        | PositiveGenerator _ -> rate

    override this.ToString() : string =
        match this with
        | PropagatorAtLag lag -> $"eigenvalues of the propagator at lag {lag:G6}, rate = -log(eigenvalue)/lag"
        | PositiveGenerator temperature -> $"eigenvalues of the positive generator at temperature {temperature:G6}"

/// <summary>One eigenpair with the reasons to trust it.</summary>
type Mode =
    {
        /// <summary>Its place by rising rate, from 1; the constant function has place 0 and is left out.</summary>
        Index: int
        /// <summary>The eigenvalue, in the spectrum's convention.</summary>
        Eigenvalue: float
        /// <summary>The rate η in 1/time.</summary>
        Rate: float
        /// <summary>The standard error of the rate, with the bias estimate inside.</summary>
        StandardError: float
        /// <summary>Lower end of the 95 % interval of the rate, corrected for bias, not below 0.</summary>
        Lower: float
        /// <summary>Upper end of the 95 % interval of the rate, corrected for bias; infinite when λ = 0 is inside.</summary>
        Upper: float
        /// <summary>The residual of the eigenpair, cross-fitted, in the norm that <c>Spectrum.ResidualNorm</c> names; 0 is perfect.</summary>
        Residual: float
        /// <summary>Closer than 3 standard errors to a neighbour: the two repel, and only their mean is well determined.</summary>
        NearDegenerate: bool
    }

/// <summary>
/// Eigenvalues and eigenfunctions of a reversible operator, estimated. The eigenfunctions φ_k = (ψ - m)ᵀ v_k have mean 0, unit
/// variance and no correlation in the measure they were fitted in; the constant mode is left out.
/// </summary>
[<Sealed>]
type Spectrum
    internal
    (
        observables: Observables,
        centre: Tensor,
        coefficients: Tensor,
        rates: float[],
        modes: Mode[],
        convention: Convention,
        measure: string,
        residualNorm: string
    ) =

    /// <summary>The rates of all r modes, ascending. Only the leading ones, <c>Modes</c>, carry error bars.</summary>
    member _.Rates: float[] = Array.copy rates

    /// <summary>The leading modes with residuals and error bars.</summary>
    member _.Modes: Mode[] = Array.copy modes

    /// <summary>How many modes there are in all, r.</summary>
    member _.Rank: int = rates.Length

    /// <summary>Which operator the eigenvalues belong to.</summary>
    member _.Convention: Convention = convention

    /// <summary>The measure in which the eigenfunctions are orthonormal and the residuals are taken.</summary>
    member _.Measure: string = measure

    /// <summary>The norm of the residuals.</summary>
    member _.ResidualNorm: string = residualNorm

    /// <summary>The functions that the eigenfunctions are made of. The spectrum does not own them.</summary>
    member _.Observables: Observables = observables

    /// <summary>The coefficients v (N, r), one eigenfunction a column. Owned by this object.</summary>
    member _.Coefficients: Tensor = coefficients

    /// <summary>The mean m of the observables (N). Owned by this object.</summary>
    member _.Centre: Tensor = centre

    /// <summary>φ at n points (n, d), as (n, r). The caller owns it.</summary>
    member _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> observables.Values(points).sub(centre).matmul coefficients)

    /// <summary>∇φ at n points (n, d), as (n, r, d). The caller owns it.</summary>
    member _.Gradients(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. observables.Dimension - 1 -> observables.Partial(points, axis).matmul coefficients
                |],
                2L
            ))

    /// <summary>∇(Σ_k b_k φ_k) at n points (n, d), as (n, d), for weights b (r). The caller owns it.</summary>
    member _.GradientOf(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () -> observables.GradientOf(points, coefficients.mv weights))

    interface IDisposable with
        /// <summary>Frees the tensors. The observables live on.</summary>
        member _.Dispose() =
            centre.Dispose()
            coefficients.Dispose()

/// <summary>What can be done with a spectrum.</summary>
[<RequireQualifiedAccess>]
module Spectrum =

    /// <summary>The spectrum of the <paramref name="rank"/> slowest modes.</summary>
    let truncate (rank: int) (spectrum: Spectrum) : Result<Spectrum, KoopmanError> =
        if rank < 1 then
            KoopmanError.fail ErrorKind.InvalidSetting $"Rank {rank} leaves no mode" "Keep at least one mode"
        else
            use _ = torch.NewDisposeScope()
            let rank = min rank spectrum.Rank

            Ok(
                new Spectrum(
                    spectrum.Observables,
                    spectrum.Centre.clone().DetachFromDisposeScope(),
                    spectrum.Coefficients.narrow(1L, 0L, int64 rank).clone().DetachFromDisposeScope(),
                    Array.take rank spectrum.Rates,
                    Array.truncate rank spectrum.Modes,
                    spectrum.Convention,
                    spectrum.Measure,
                    spectrum.ResidualNorm
                )
            )

    /// Marks the modes whose neighbour is closer than 3 joint standard errors.
    let internal flagNearDegenerate (modes: Mode[]) : Mode[] =
        let close (a: Mode) (b: Mode) =
            abs (a.Rate - b.Rate) <
                3.0
                * sqrt (a.StandardError * a.StandardError + b.StandardError * b.StandardError)

        modes
        |> Array.mapi (fun i mode ->
            { mode with
                NearDegenerate =
                    (i > 0 && close modes[i - 1] mode)
                    || (i + 1 < modes.Length && close mode modes[i + 1])
            })
