namespace NSec.Cryptography;

/// <summary>An algorithm; there is one object of each.</summary>
public abstract class Algorithm
{
    private protected Algorithm()
    {
    }
}
