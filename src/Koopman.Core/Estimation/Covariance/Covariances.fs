namespace Koopman

open TorchSharp

/// <summary>
/// The covariances of observables at both ends of pairs, per unit weight: C00 = ⟨ψ(x)ψ(x)ᵀ⟩, C01 = ⟨ψ(x)ψ(y)ᵀ⟩, C11 = ⟨ψ(y)ψ(y)ᵀ⟩,
/// of ψ itself or of ψ minus its mean at each end. The tensors belong to the dispose scope of the caller.
/// </summary>
[<NoComparison; NoEquality>]
type internal Covariances =
    {
        Mean0: Tensor
        Mean1: Tensor
        C00: Tensor
        C01: Tensor
        C11: Tensor
    }

[<RequireQualifiedAccess>]
module internal Covariances =

    let private notPairs () : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.InvalidSetting
            "These moments are not those of pairs"
            "Make them with Moments.ofPairs or Streaming.moments"

    let check (moments: Moments) : Outcome<unit> =
        if moments.Kind <> Lagged then
            notPairs ()
        elif moments.Weight <= 0.0 then
            KoopmanError.fail ErrorKind.TooFewSamples "The pairs have no weight" "Give pairs of positive weight"
        else
            Ok()

    /// Also requires that they are those of this many observables.
    let checkOf (observables: int) (moments: Moments) : Outcome<unit> =
        check moments
        |> Result.bind (fun () ->
            if moments.Sum0.shape[0] = int64 observables then
                Ok()
            else
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The moments are of {moments.Sum0.shape[0]} observables, but {observables} are given"
                    "Give the observables that the moments were made with")

    /// The covariances about the given means, which need not be those of these data.
    let about (mean0: Tensor) (mean1: Tensor) (moments: Moments) : Covariances =
        let per = 1.0 / moments.Weight
        let first, second = per * moments.Sum0, per * moments.Sum1

        let shifted (raw: Tensor) (a: Tensor) (m: Tensor) (b: Tensor) (k: Tensor) =
            raw * per - m.outer b - a.outer k + m.outer k

        {
            Mean0 = mean0
            Mean1 = mean1
            C00 = shifted moments.C00 first mean0 first mean0
            C01 = shifted moments.C01 first mean0 second mean1
            C11 = shifted moments.C11 second mean1 second mean1
        }

    let private zeros (moments: Moments) : Tensor = torch.zeros_like moments.Sum0

    let raw (moments: Moments) : Covariances =
        about (zeros moments) (zeros moments) moments

    /// With the mean at each end subtracted; constant functions become exactly 0, without rounding errors.
    let centred (moments: Moments) : Covariances =
        let per = 1.0 / moments.Weight
        let c = about (per * moments.Sum0) (per * moments.Sum1) moments

        let varies (centred: Tensor) (raw: Tensor) =
            centred.diagonal().gt(1e-13 / moments.Weight * raw.diagonal ()).to_type torch.float64

        let at0, at1 = varies c.C00 moments.C00, varies c.C11 moments.C11

        { c with
            C00 = c.C00 * at0.unsqueeze 1L * at0.unsqueeze 0L
            C01 = c.C01 * at0.unsqueeze 1L * at1.unsqueeze 0L
            C11 = c.C11 * at1.unsqueeze 1L * at1.unsqueeze 0L
        }
